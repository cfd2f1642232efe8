import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSDataRef;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSConfig;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.apache.ws.security.message.token.SignatureConfirmation;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * A consumer that signs SOAP by Apache WSS4J and Santuario, and verifies the gateway's answers by them alone.
 *
 * <pre>
 * sign   KEY CERT ALGORITHM ENVELOPE                           the signed message on standard output
 * call   KEY CERT ALGORITHM ENVELOPE URL CA GATEWAY_CERT OUT   signs, sends, keeps the answer in OUT, verifies it
 * verify GATEWAY_CERT MESSAGE [SIGNATURE]                      a signed message; of an answer, to which request
 * mtom   GATEWAY_CERT MESSAGE CONTENT_TYPE OUT                 the same, of multipart/related; its first file goes to OUT
 * </pre>
 *
 * All files are PEM or XML. Exit code 0: it verifies, what is signed is on standard output; 1: refused, why is there.
 */
public final class Wss4jCaller {
    private static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";
    private static final String CALL = "urn:datong:call:1";

    public static void main(String[] args) throws Exception {
        WSSConfig.init();
        Security.addProvider(new BouncyCastleProvider());  // RSA-PSS by the name that Santuario asks for
        switch (args[0]) {
            case "sign":
                System.out.print(text(signed(args[1], args[2], args[3], args[4])));
                break;
            case "call":
                System.exit(call(args));
                break;
            case "mtom":
                System.exit(judge(args[1], whole(Files.readAllBytes(Path.of(args[2])), args[3], args[4]), null));
                break;
            default:
                System.exit(judge(args[1], parse(Files.readAllBytes(Path.of(args[2]))), args.length > 3 ? args[3] : null));
        }
    }

    private static int call(String[] args) throws Exception {
        Document message = signed(args[1], args[2], args[3], args[4]);
        Security.removeProvider("BC");  // the JDK's TLS trips over its keys of X25519
        String value = message.getElementsByTagNameNS(DSIG, "SignatureValue").item(0).getTextContent();
        byte[] answer = send(args[5], args[6], text(message), soap12(message));
        Security.addProvider(new BouncyCastleProvider());
        Files.write(Path.of(args[8]), answer);
        return judge(args[7], parse(answer), value);
    }

    /** The infoset of an MTOM message: each xop:Include gives way to the Base64 of its part (XOP 1.0, 3.2). */
    private static Document whole(byte[] message, String contentType, String out) throws Exception {
        Matcher boundary = Pattern.compile("boundary=\"([^\"]+)\"").matcher(contentType);
        boundary.find();
        String octets = new String(message, StandardCharsets.ISO_8859_1);
        Document envelope = null;
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String part : octets.split(Pattern.quote("--" + boundary.group(1)))) {
            int body = part.indexOf("\r\n\r\n");
            if (body < 0) {
                continue;  // before the first and behind the last
            }
            Matcher id = Pattern.compile("Content-ID: <([^>]+)>").matcher(part.substring(0, body));
            id.find();
            byte[] content = part.substring(body + 4, part.length() - 2).getBytes(StandardCharsets.ISO_8859_1);
            if (envelope == null) {
                envelope = parse(content);
            } else {
                files.put(id.group(1), content);
            }
        }
        NodeList includes = envelope.getElementsByTagNameNS("http://www.w3.org/2004/08/xop/include", "Include");
        while (includes.getLength() > 0) {
            Element include = (Element) includes.item(0);
            byte[] content = files.get(URI.create(include.getAttribute("href")).getSchemeSpecificPart());
            Files.write(Path.of(out), content);
            include.getParentNode().replaceChild(
                envelope.createTextNode(Base64.getEncoder().encodeToString(content)), include);
        }
        return envelope;
    }

    private static boolean soap12(Document message) {
        return "http://www.w3.org/2003/05/soap-envelope".equals(message.getDocumentElement().getNamespaceURI());
    }

    private static Document signed(String keyFile, String certFile, String algorithm, String envelope) throws Exception {
        Merlin crypto = new Merlin();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("caller", key(keyFile), "none".toCharArray(), new Certificate[] {cert(certFile)});
        crypto.setKeyStore(store);
        Document message = parse(Files.readAllBytes(Path.of(envelope)));
        WSSecHeader header = new WSSecHeader();
        header.insertSecurityHeader(message);
        WSSecTimestamp time = new WSSecTimestamp();
        time.setTimeToLive(120);
        time.build(message, header);
        WSSecSignature signature = new WSSecSignature();
        signature.setUserInfo("caller", "none");
        signature.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signature.setSignatureAlgorithm(algorithm);
        signature.setDigestAlgo("http://www.w3.org/2001/04/xmlenc#sha256");
        String soap = message.getDocumentElement().getNamespaceURI();
        List<WSEncryptionPart> parts = new ArrayList<>();
        parts.add(new WSEncryptionPart("Body", soap, ""));
        parts.add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, ""));
        parts.add(new WSEncryptionPart("Call", CALL, ""));
        signature.setParts(parts);
        signature.build(message, crypto, header);
        return message;
    }

    /** Verifies signature, time and, with a request's SignatureValue, that the answer confirms it. */
    private static int judge(String trusted, Document message, String requestSignature) {
        try {
            Merlin crypto = new Merlin();
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("gateway", cert(trusted));
            crypto.setKeyStore(store);
            List<WSSecurityEngineResult> results =
                new WSSecurityEngine().processSecurityHeader(message, null, null, crypto);
            TreeSet<String> covered = new TreeSet<>();
            boolean confirms = requestSignature == null;
            boolean isTimed = false;
            for (WSSecurityEngineResult one : results == null ? List.<WSSecurityEngineResult>of() : results) {
                int action = (Integer) one.get(WSSecurityEngineResult.TAG_ACTION);
                if (action == WSConstants.SIGN) {
                    @SuppressWarnings("unchecked")
                    List<WSDataRef> refs = (List<WSDataRef>) one.get(WSSecurityEngineResult.TAG_DATA_REF_URIS);
                    for (WSDataRef ref : refs) {
                        covered.add(ref.getProtectedElement().getLocalName());
                    }
                } else if (action == WSConstants.SC && !confirms) {
                    SignatureConfirmation said =
                        (SignatureConfirmation) one.get(WSSecurityEngineResult.TAG_SIGNATURE_CONFIRMATION);
                    confirms = Arrays.equals(said.getSignatureValue(), Base64.getMimeDecoder().decode(requestSignature));
                }
                isTimed = isTimed || action == WSConstants.TS;
            }
            System.out.println("signed: " + String.join(" ", covered));
            boolean whole = covered.containsAll(List.of("Body", "Timestamp", "Call")) && isTimed
                && (requestSignature == null || covered.contains("SignatureConfirmation"));
            System.out.println(!whole ? "refused: not all is signed" : confirms ? "valid" : "refused: of another request");
            return whole && confirms ? 0 : 1;
        } catch (Exception e) {
            System.out.println("refused: " + e.getMessage());
            return 1;
        }
    }

    private static byte[] send(String url, String ca, String message, boolean isSoap12) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", cert(ca));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        HttpsURLConnection connection = (HttpsURLConnection) URI.create(url).toURL().openConnection();
        connection.setSSLSocketFactory(tls.getSocketFactory());
        connection.setConnectTimeout(10_000);
        connection.setReadTimeout(30_000);
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type",
            (isSoap12 ? "application/soap+xml" : "text/xml") + "; charset=utf-8");
        try (OutputStream out = connection.getOutputStream()) {
            out.write(message.getBytes(StandardCharsets.UTF_8));
        }
        try (InputStream in = connection.getResponseCode() < 400 ? connection.getInputStream()
                                                                  : connection.getErrorStream()) {
            return in.readAllBytes();
        }
    }

    private static PrivateKey key(String file) throws Exception {
        String pem = Files.readString(Path.of(file));
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        for (String kind : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (java.security.spec.InvalidKeySpecException other) {
                continue;
            }
        }
        throw new IllegalArgumentException("no key of EC or RSA: " + file);
    }

    private static X509Certificate cert(String file) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))));
    }

    private static Document parse(byte[] octets) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(octets));
    }

    private static String text(Document message) throws Exception {
        Transformer writer = TransformerFactory.newInstance().newTransformer();
        writer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        StringWriter out = new StringWriter();
        writer.transform(new DOMSource(message), new StreamResult(out));
        return out.toString();
    }
}
