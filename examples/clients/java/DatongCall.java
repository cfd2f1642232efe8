import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One signed call 调用一次: java -cp OUT DatongCall service|matter NAME BODY.json
 * or the certificates of an answer that was kept 以后再验证: java -cp OUT DatongCall verify ANSWER.json [BODY.json], a
 * service's with the body that was sent: whether it answers that.
 * DATONG_URL, DATONG_CA, DATONG_TRUST, DATONG_KEY and DATONG_KEYID as README.md says. The answer is on standard output,
 * what was verified on standard error. Exit: 0 answered and verified, 1 a fault, a missing material or what does not
 * verify, 2 the command line, 78 a file that can't be used.
 */
final class DatongCall {
    private record Settings(URI url, SSLContext tls, Datong.Trust trust, PrivateKey key, String keyid, byte[] body) {}

    private static final String USAGE = "用法 usage: DatongCall service|matter NAME BODY.json, or verify ANSWER.json [BODY.json]";
    private static final String MORE = """

        环境变量 environment: DATONG_URL https://HOST:PORT, DATONG_CA its TLS anchors (PEM), DATONG_TRUST trusted public keys
        (a JWKS as `datong keys` prints it), DATONG_KEY your private key (PEM, PKCS#8), DATONG_KEYID its id at the gateway.
        退出码 exit codes: 0 answered and verified, 1 a fault, a missing or pending material or what does not verify,
        2 the command line, 78 a file that can't be used""";

    public static void main(String[] words) {
        // whatever the locale says: our words are Chinese, too
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        if (words.length == 1 && (words[0].equals("--help") || words[0].equals("-h"))) {
            System.out.writeBytes((USAGE + MORE + "\n").getBytes(StandardCharsets.UTF_8));
            System.out.flush();
            return;
        }
        if ((words.length == 2 || words.length == 3) && words[0].equals("verify")) {
            try {
                Json.Value asked = words.length == 3 ? Json.parse(Files.readString(Path.of(words[2]))) : null;
                checkAll(Json.parse(Files.readString(Path.of(words[1]))), trusted(), asked, false);
            } catch (Exception wrong) {
                leave(78, why(wrong));
            }
            return;
        }
        boolean isCall = words.length == 3 && words[0].matches("service|matter") && words[1].matches("[a-z][a-z0-9-]*");
        if (!isCall) {
            leave(2, USAGE);
        }
        String path = words[0].equals("service") ? "/v1/services/" + words[1] : "/v1/matters/" + words[1] + "/materials";
        Settings given = null;
        try {
            given = settings(words[2]);
        } catch (Exception wrong) {
            leave(78, why(wrong));
        }
        try {
            call(given, path);
        } catch (Exception wrong) {
            leave(1, why(wrong));
        }
    }

    private static void call(Settings given, String path) throws Exception {
        Datong.Request request = Datong.sign(given.url.getAuthority(), path, given.body, given.keyid, given.key);
        Datong.Answer answer;
        try {
            answer = Datong.send(given.url, request, given.tls);
        } catch (IOException wrong) {
            throw new IOException("没有应答 no answer from " + given.url + ": " + why(wrong), wrong);
        }
        String keyid;
        try {
            keyid = Datong.check(answer, request, given.trust);
        } catch (Datong.Refused wrong) {
            throw new Datong.Refused(wrong.getMessage() + hintIn(answer));
        }
        System.err.println("签名有效 signature: valid (key " + keyid + ")");
        System.out.write(answer.body());
        System.out.flush();
        Json.Value body = Json.parse(new String(answer.body(), StandardCharsets.UTF_8));
        if (answer.status() >= 300) {
            leave(1, "被拒绝 refused: " + answer.status() + " " + body.text("code"));
        }
        boolean isService = request.path().startsWith("/v1/services/");
        checkAll(body, given.trust, isService ? Json.parse(new String(given.body, StandardCharsets.UTF_8)) : null, true);
    }

    /** What a refusal says that nobody may rely on: a gateway signs none for whom it does not know. */
    private static String hintIn(Datong.Answer answer) {
        if (answer.status() < 400) {
            return "";
        }
        Json.Value said;
        try {
            said = Json.parse(new String(answer.body(), StandardCharsets.UTF_8));
        } catch (RuntimeException notJson) {
            said = Json.parse("{}");  // its status alone
        }
        StringBuilder hint = new StringBuilder("\n未验签，仅供参考 not verified, a hint only: " + answer.status());
        for (String name : List.of("code", "todo", "todo_en")) {
            String word = plain(said.text(name));
            hint.append(' ').append(word, 0, Math.min(word.length(), 300));
        }
        return hint.toString();
    }

    /** Some exceptions have no words of their own, or the name of a file alone. */
    private static String why(Exception wrong) {
        if (wrong instanceof NoSuchFileException) {
            return "读不到 " + wrong.getMessage() + "  can't be read";
        }
        return wrong.getMessage() == null ? wrong.getClass().getSimpleName() : wrong.getMessage();
    }

    /**
     * @param asked the body that was sent, where it is known and a service's; else null
     * @param isSigned whether the gateway's signature over it was verified
     */
    private static void checkAll(Json.Value body, Datong.Trust trust, Json.Value asked, boolean isSigned) throws Exception {
        List<Datong.Place> places = Datong.answersIn(body);
        List<Datong.Place> answers = places.stream()
            .filter(one -> one.answer() != null && !one.isOpen() && !one.isOutcomeAlone()).toList();
        long open = places.stream().filter(Datong.Place::isOpen).count();
        long alone = places.stream().filter(Datong.Place::isOutcomeAlone).count();
        long count = answers.size() + open + alone;
        if (count == 0) {
            leave(1, "没有可验证的证照 no certificate to verify");
        }
        for (Datong.Place one : answers) {
            Datong.Checked checked = Datong.checkCertificate(one, trust);
            if (!checked.findings().isEmpty()) {
                leave(1, "证照无效 certificate: INVALID (issuer " + checked.issuer() + ")\n  " + String.join("\n  ", checked.findings()));
            }
            System.err.println("证照有效 certificate: valid (issuer " + checked.issuer() + ", " + checked.fields() + " fields)"
                + untilWords(checked.until()));
        }
        List<String> strays = asked == null || open + alone > 0 ? List.of() : Datong.checkAsked(body, asked);
        if (!strays.isEmpty()) {
            leave(1, "证照所答不是所问 certificate: INVALID\n  " + String.join("\n  ", strays));
        }
        boolean isFailed = Stream.concat(Stream.of(body), body.list("requirements").stream())
            .anyMatch(one -> one.text("outcome").equals("failed"));
        boolean isMissing = isFailed || count < places.size();
        if (isMissing) {
            System.err.println("有材料未取得 a material is missing");
        }
        if (alone > 0) {
            System.err.println(isSigned ? "仅重复办理结果，不附证照，由网关签名 the outcome alone, no certificate: the gateway's word"
                : "仅有办理结果，不附证照，无可验证 the outcome alone, no certificate: nothing here proves it");
        }
        if (open > 0) {
            System.err.println("尚无定论，稍后查询 no last word yet, ask later: " + plain(body.text("status")));
        }
        if (isMissing || open > 0 || (alone > 0 && !isSigned)) {
            System.exit(1);
        }
    }

    /** Text of the other side: its control characters must not move a terminal's cursor. */
    private static String plain(String text) { return text.replaceAll("\\p{Cntrl}", " "); }

    /** The last day of an answer's use. Days are those of China's time, as the gateway's are. */
    private static String untilWords(String until) {
        boolean isOver = until.compareTo(LocalDate.now(ZoneOffset.ofHours(8)).toString()) < 0;
        return until.isEmpty() ? "" : "，可用至 usable until " + until + (isOver ? "，已过 it is over" : "");
    }

    private static Datong.Trust trusted() throws Exception {
        return new Datong.Trust(Json.parse(Files.readString(Path.of(of("DATONG_TRUST")))));
    }

    private static Settings settings(String body) throws Exception {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        try (InputStream file = Files.newInputStream(Path.of(of("DATONG_CA")))) {
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                anchors.setCertificateEntry("ca-" + anchors.size(), one);
            }
        }
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(anchors);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trusted.getTrustManagers(), null);
        String pem = Files.readString(Path.of(of("DATONG_KEY"))).replaceAll("-----(BEGIN|END) PRIVATE KEY-----|\\s", "");
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        return new Settings(gateway(of("DATONG_URL")), tls, trusted(), key,
             of("DATONG_KEYID"), Files.readAllBytes(Path.of(body)));
    }

    private static URI gateway(String text) {
        URI url = URI.create(text);
        if (!"https".equals(url.getScheme())) {
            throw new IllegalArgumentException("DATONG_URL 应为 https://HOST:PORT");
        }
        return url;
    }

    private static String of(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("缺环境变量 " + name + " is not set");
        }
        return value;
    }

    private static void leave(int code, String why) {
        System.err.println(why);
        System.exit(code);
    }
}
