import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.Init;
import org.apache.xml.security.algorithms.MessageDigestAlgorithm;
import org.apache.xml.security.c14n.Canonicalizer;
import org.apache.xml.security.signature.XMLSignature;
import org.apache.xml.security.transforms.Transforms;
import org.apache.xml.security.utils.XMLUtils;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Apache Santuario on a SOAP message of ours: SantuarioBench PRIVATE PUBLIC MESSAGE SECONDS. Prints the processor time of
 * this thread in microseconds, the best of 9 rounds after as many seconds of warming up: "verify sign".
 */
public final class SantuarioBench {
    private static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";
    private static final String WSU =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

    private interface Work {
        void run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        Init.init();
        PrivateKey secret = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der(args[0])));
        PublicKey open = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der(args[1])));
        byte[] message = Files.readAllBytes(Path.of(args[2]));
        double seconds = Double.parseDouble(args[3]);
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        DocumentBuilder parser = factory.newDocumentBuilder();
        Work verify = () -> {
            if (!signature(parser.parse(new ByteArrayInputStream(message))).checkSignatureValue(open)) {
                throw new IllegalStateException("it does not verify");
            }
        };
        Work sign = () -> {
            Document document = parser.parse(new ByteArrayInputStream(message));
            signAnew(document, secret);
            XMLUtils.outputDOM(document, new ByteArrayOutputStream(message.length + 1024));
        };
        System.out.printf("%.1f %.1f%n", best(verify, seconds), best(sign, seconds));
    }

    private static XMLSignature signature(Document document) throws Exception {
        tellIds(document.getDocumentElement());
        return new XMLSignature((Element) document.getElementsByTagNameNS(DSIG, "Signature").item(0), "");
    }

    /** A signature of its own in the place of the one that is there, over the same parts in the same way. */
    private static void signAnew(Document document, PrivateKey secret) throws Exception {
        tellIds(document.getDocumentElement());
        Node old = document.getElementsByTagNameNS(DSIG, "Signature").item(0);
        XMLSignature made = new XMLSignature(document, "", XMLSignature.ALGO_ID_SIGNATURE_ECDSA_SHA256,
            Canonicalizer.ALGO_ID_C14N_EXCL_OMIT_COMMENTS);
        old.getParentNode().replaceChild(made.getElement(), old);
        for (String part : new String[] {"#body", "#call", "#time"}) {
            Transforms transforms = new Transforms(document);
            transforms.addTransform(Transforms.TRANSFORM_C14N_EXCL_OMIT_COMMENTS);
            made.addDocument(part, transforms, MessageDigestAlgorithm.ALGO_ID_DIGEST_SHA256);
        }
        made.sign(secret);
    }

    private static void tellIds(Element at) {
        if (at.hasAttributeNS(WSU, "Id")) {
            at.setIdAttributeNS(WSU, "Id", true);
        }
        for (Node child = at.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element) {
                tellIds((Element) child);
            }
        }
    }

    private static double best(Work work, double seconds) throws Exception {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        int runs = 0;
        while (System.nanoTime() < until || runs < 200) {
            work.run();
            ++runs;
        }
        double[] rounds = new double[9];
        int each = Math.max(20, runs / 20);
        for (int round = 0; round < rounds.length; ++round) {
            long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            for (int i = 0; i < each; ++i) {
                work.run();
            }
            rounds[round] = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / 1e3 / each;
        }
        Arrays.sort(rounds);
        return rounds[0];
    }

    private static byte[] der(String file) throws Exception {
        return Base64.getMimeDecoder().decode(Files.readString(Path.of(file)).replaceAll("-----[A-Z ]+-----", ""));
    }
}
