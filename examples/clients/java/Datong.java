import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * Signs calls to datong and verifies what it answers, with the JDK alone (17 or later).
 * Sources: RFC 9421 (HTTP message signatures), RFC 9530 (Content-Digest), RFC 7515 (JWS), docs/answer.md.
 */
final class Datong {
    private static final String LABEL = "sig1";
    private static final List<String> REQUEST =
        List.of("@method", "@authority", "@path", "@query", "content-digest", "content-type");
    private static final String ANSWER = "(\"@status\" \"content-type\" \"content-digest\" \"signature\";req;key=\"" + LABEL
        + "\" \"content-digest\";req)";

    /** What does not verify, in words. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        Refused(String why) { super(why); }
    }

    /** A signed POST. */
    record Request(String path, Map<String, String> headers, byte[] body, String signature, String digest) {}
    record Answer(int status, Map<String, List<String>> headers, byte[] body) {
        String header(String name) throws Refused {
            List<String> values = headers.getOrDefault(name, List.of());
            if (values.size() != 1) {
                throw new Refused("应答未签名 the answer is not signed: no " + name);
            }
            return values.get(0);
        }
    }
    /**
     * An answer object and where it stands: in the answer of which exchange, under which material (empty: a service), beside
     * which fault. The answer is null where a material brought none.
     */
    record Place(Json.Value answer, String exchange, String material, Json.Value fault) {
        /**
         * Whether nothing here is signed by a department yet: pending, deferred or unknown as the gateway says it of this
         * exchange, with nothing beside it that a certificate would have to prove. Ask later.
         */
        boolean isOpen() {
            return answer != null && fault == null && List.of("pending", "deferred", "unknown").contains(answer.text("outcome"))
                && answer.text("exchange").equals(exchange)
                && hasNothingToProve();
        }
        /**
         * Whether the gateway repeats what became of a submission and no more, for it may not, or can't, show all that the
         * certificate is of: the gateway's word alone.
         */
        boolean isOutcomeAlone() {
            return answer != null && fault == null
                && List.of("accepted", "returned", "done", "refused").contains(answer.text("outcome"))
                && answer.text("exchange").equals(exchange) && answer.text("status").startsWith("/v1/submissions/")
                && hasNothingToProve();
        }
        private boolean hasNothingToProve() {
            return Stream.of("certificate", "content", "files", "provenance", "digests").allMatch(name -> answer.get(name) == null);
        }
    }
    /** What was found out; until is the last day of its use, empty where none is named. */
    record Checked(String issuer, int fields, String until, List<String> findings) {}

    /** The public keys of a JWKS with owners, as `datong keys` prints it. Whose a key is says what it may sign. */
    record Trust(Json.Value jwks) {
        /** Null for a key that is not trusted for this owner: "gateway" or "department:ID". */
        PublicKey key(String keyid, String owner) throws GeneralSecurityException {
            for (Json.Value jwk : jwks.list("keys")) {
                boolean fits = jwk.text("kid").equals(keyid) && jwk.text("datong_owner").equals(owner)
                    && jwk.get("datong_to") == null && jwk.text("crv").equals("P-256");
                if (fits) {
                    AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
                    curve.init(new ECGenParameterSpec("secp256r1"));
                    ECPoint point = new ECPoint(number(jwk.text("x")), number(jwk.text("y")));
                    return KeyFactory.getInstance("EC").generatePublic(
                        new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class)));
                }
            }
            return null;
        }
        private static BigInteger number(String base64url) { return new BigInteger(1, Base64.getUrlDecoder().decode(base64url)); }
    }

    private static byte[] sha256(byte[] octets) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(octets);
    }
    private static byte[] octets(String text) { return text.getBytes(StandardCharsets.UTF_8); }
    private static String contentDigest(byte[] body) throws GeneralSecurityException {
        return "sha-256=:" + Base64.getEncoder().encodeToString(sha256(body)) + ":";
    }

    /** ECDSA over P-256 as r||s. */
    private static Signature ecdsa() throws GeneralSecurityException { return Signature.getInstance("SHA256withECDSAinP1363Format"); }
    private static boolean verifies(PublicKey key, String text, byte[] mark) throws GeneralSecurityException {
        Signature signature = ecdsa();
        signature.initVerify(key);
        signature.update(octets(text));
        return mark.length == 64 && signature.verify(mark);
    }

    /** @param authority host and port as they stand in the URL, lower case, without a default port */
    static Request sign(String authority, String path, byte[] body, String keyid, PrivateKey key) throws GeneralSecurityException {
        String digest = contentDigest(body);
        List<String> values = List.of("POST", authority, path, "?", digest, "application/json");
        byte[] nonce = new byte[16];
        new SecureRandom().nextBytes(nonce);
        StringBuilder base = new StringBuilder();
        List<String> covered = new ArrayList<>();
        for (int i = 0; i < REQUEST.size(); i++) {
            covered.add('"' + REQUEST.get(i) + '"');
            base.append(covered.get(i)).append(": ").append(values.get(i)).append('\n');
        }
        String parameters = "(" + String.join(" ", covered) + ");created=" + System.currentTimeMillis() / 1000 + ";nonce=\""
            + HexFormat.of().formatHex(nonce) + "\";keyid=\"" + keyid + "\";tag=\"datong\"";
        Signature signature = ecdsa();
        signature.initSign(key);
        signature.update(octets(base.append("\"@signature-params\": ").append(parameters).toString()));
        String mark = Base64.getEncoder().encodeToString(signature.sign());
        return new Request(path, Map.of("Content-Type", "application/json", "Accept", "application/json", "Content-Digest",
            digest, "Signature-Input", LABEL + "=" + parameters, "Signature", LABEL + "=:" + mark + ":"), body, mark, digest);
    }

    /** That a gateway's key signed the answer, over all that it must cover, for this request. @return the key id */
    static String check(Answer answer, Request request, Trust trust) throws Refused, GeneralSecurityException {
        Matcher input = Pattern.compile("([a-z][a-z0-9_.*-]*)=(.*)").matcher(answer.header("signature-input"));
        Matcher mark = Pattern.compile("([a-z][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]+):").matcher(answer.header("signature"));
        if (!input.matches() || !mark.matches() || !input.group(1).equals(mark.group(1)) || !input.group(2).startsWith(ANSWER)) {
            throw new Refused("应答的签名未覆盖应覆盖的内容 the signature does not cover what it must");
        }
        Matcher named = Pattern.compile(";keyid=\"([^\"]*)\"").matcher(input.group(2).substring(ANSWER.length()));
        String keyid = named.find() ? named.group(1) : "";
        PublicKey key = trust.key(keyid, "gateway");
        if (key == null) {
            throw new Refused("应答签名密钥不受信任 signed with a key that is not trusted for a gateway: " + keyid);
        }
        String digest = answer.header("content-digest");
        String base = "\"@status\": " + answer.status + "\n\"content-type\": " + answer.header("content-type")
            + "\n\"content-digest\": " + digest + "\n\"signature\";req;key=\"" + LABEL + "\": :" + request.signature
            + ":\n\"content-digest\";req: " + request.digest + "\n\"@signature-params\": " + input.group(2);
        if (!verifies(key, base, Base64.getDecoder().decode(mark.group(2)))) {
            throw new Refused("应答签名无效 signature: INVALID (key " + keyid + ")");
        }
        if (!digest.equals(contentDigest(answer.body))) {
            throw new Refused("应答内容与摘要不符 the body does not have the digest that was signed");
        }
        return keyid;
    }

    /** What is wrong with one answer object and its certificate: texts with JSON pointers, none when nothing is. */
    static Checked checkCertificate(Place place, Trust trust) throws GeneralSecurityException {
        List<String> findings = new ArrayList<>();
        if (place.fault != null) {
            findings.add("/fault: 应答旁另有故障 a fault beside an answer");
        }
        Json.Value answer = place.answer == null ? Json.parse("{}") : place.answer;
        String[] jws = answer.text("certificate").split("\\.", -1);
        if (jws.length != 3) {
            return new Checked("", 0, "", List.of("/certificate: 没有证照 no certificate"));
        }
        Json.Value header = Json.parse(decoded(jws[0]));
        Json.Value statement = Json.parse(decoded(jws[1]));
        String issuer = statement.get("issuer") == null ? "" : statement.get("issuer").text("id");
        PublicKey key = trust.key(header.text("kid"), "department:" + issuer);
        boolean holds = key != null && header.text("alg").equals("ES256")
            && verifies(key, jws[0] + "." + jws[1], Base64.getUrlDecoder().decode(jws[2]));
        if (!holds) {
            findings.add("/certificate: 签发方签名无效 the issuer's signature does not verify");
        }
        compare(answer, statement, findings);
        String jti = place.material.isEmpty() ? place.exchange : place.exchange + "#" + place.material;
        if (!statement.text("jti").equals(jti)) {
            findings.add("/exchange: 与签发方声明不一致 of another exchange or material");
        }
        int fields = checkFields(answer, statement, findings);
        return new Checked(issuer, fields, statement.text("valid_until"), findings);
    }

    private static String decoded(String base64url) {
        return new String(Base64.getUrlDecoder().decode(base64url), StandardCharsets.UTF_8);
    }

    private static void compare(Json.Value answer, Json.Value statement, List<String> findings) {
        for (String name : List.of("service", "outcome", "as_of", "scope")) {
            if (answer.get(name) == null || statement.get(name) == null) {
                findings.add("/" + name + ": 缺失 missing");
            }
        }
        statement.members().forEach((name, value) -> {
            boolean differs = answer.get(name) != null && !name.equals("asked") && !value.same(answer.get(name));
            if (differs) {
                findings.add("/" + name + ": 与签发方声明不一致 differs from what was signed");
            }
        });
        for (String name : List.of("consent", "subset")) {
            if ((answer.get(name) == null) != (statement.get(name) == null)) {
                findings.add("/" + name + ": 与签发方声明不一致 differs from what was signed");
            }
        }
        // the last day of its use is signed at the top and shown with the code that it is checked with
        Json.Value until = statement.get("valid_until");
        Json.Value shownUntil = answer.at("/sharing/valid_until");
        if (until == null ? shownUntil != null : shownUntil == null || !until.same(shownUntil)) {
            findings.add("/sharing/valid_until: 与签发方声明不一致 differs from what was signed");
        }
        List<String> asked = answer.list("asked").stream().map(one -> one.text("digest")).toList();
        if (!asked.equals(statement.list("asked").stream().map(Json.Value::said).toList())) {
            findings.add("/asked: 与签发方声明不一致 differs from what was signed");
        }
    }

    /** What an entry says of where its field is from must be what the issuer signed of all of them. */
    private static void compareOrigin(Json.Value entry, Json.Value origin, List<String> findings) {
        if (origin == null) {
            return;
        }
        origin.members().forEach((name, value) -> {
            if (entry.get(name) == null || !value.same(entry.get(name))) {
                findings.add(entry.text("path") + ": 来源与签发方声明不一致 its " + name + " differs from what was signed");
            }
        });
    }

    /** The files that an answer names, against those that the issuer signed, and their octets where they are in it. */
    private static void checkFiles(Json.Value answer, Json.Value content, Json.Value statement, List<String> findings)
            throws GeneralSecurityException {
        for (Json.Value file : answer.list("files")) {
            boolean isSigned = statement.list("file_digests").stream().anyMatch(one ->
                List.of("path", "media_type", "length", "sha256").stream().allMatch(name ->
                    file.get(name) != null && one.get(name) != null && file.get(name).same(one.get(name))));
            String path = file.text("path");
            if (!isSigned) {
                findings.add(path + ": 文件的摘要未经签发方签名 the issuer signed no file like this");
                continue;
            }
            Json.Value inside = content.at(path);
            if (inside != null && !HexFormat.of().formatHex(sha256(Base64.getMimeDecoder().decode(inside.said()))).equals(file.text("sha256"))) {
                findings.add(path + ": 文件与其摘要不符 the file differs from its digest");
            }
        }
    }

    private static int checkFields(Json.Value answer, Json.Value statement, List<String> findings) throws GeneralSecurityException {
        Set<String> digests = new HashSet<>(statement.list("digests").stream().map(Json.Value::said).toList());
        Json.Value content = answer.get("content") == null ? Json.parse("{}") : answer.get("content");
        if (content.kind() != Json.Kind.OBJECT) {
            findings.add("/content: 不是对象 no object");
        }
        Set<String> covered = new HashSet<>();
        for (Json.Value entry : answer.list("provenance")) {
            String path = entry.text("path");
            Json.Value value = content.at(path);
            String raw = value == null ? "" : value.raw();
            String digest = Base64.getUrlEncoder().withoutPadding().encodeToString(
                sha256(octets(entry.text("salt") + "\n" + path + "\n" + raw)));
            if (value == null || !digest.equals(entry.text("digest"))) {
                findings.add(path + ": 字段被改动 the field was altered");
            } else if (!digests.contains(digest)) {
                findings.add(path + ": 摘要未经签发方签名 its digest was not signed");
            }
            compareOrigin(entry, statement.get("origin"), findings);
            covered.add(path);
        }
        checkFiles(answer, content, statement, findings);
        for (String leaf : content.members().isEmpty() ? List.<String>of() : content.leaves("")) {
            String at = leaf;
            while (!covered.contains(at) && !at.isEmpty()) {
                at = at.substring(0, at.lastIndexOf('/'));
            }
            if (!covered.contains(at)) {
                findings.add(leaf + ": 没有来源 no provenance");
            }
        }
        return covered.size();
    }

    /**
     * Whether a service's answer, whose certificate holds, is to this request: person, query, predicates and subset. Of a
     * matter nothing is known here: its materials ask about several persons. @return findings, as checkCertificate does
     */
    static List<String> checkAsked(Json.Value answer, Json.Value request) throws GeneralSecurityException {
        Json.Value idNo = request.at("/context/" + (request.text("about").isEmpty() ? "subject" : request.text("about")) + "/id_no");
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("/id_no", idNo == null ? "" : idNo.compact());
        wanted.put("/query", request.get("query") == null ? "{}" : request.get("query").compact());
        if (request.get("verify") != null) {
            wanted.put("/verify", request.list("verify").stream().map(Datong::predicate).collect(Collectors.joining(",", "[", "]")));
        }
        List<String> findings = new ArrayList<>();
        for (Map.Entry<String, String> one : wanted.entrySet()) {
            boolean isAsked = false;
            for (Json.Value said : answer.list("asked")) {
                String digest = Base64.getUrlEncoder().withoutPadding().encodeToString(
                    sha256(octets(said.text("salt") + "\n" + one.getKey() + "\n" + one.getValue())));
                isAsked = isAsked || (said.text("path").equals(one.getKey()) && said.text("digest").equals(digest));
            }
            if (!isAsked) {
                findings.add("/asked: " + one.getKey() + " 不是所问 is not what was asked");
            }
        }
        if (!answer.text("subset").equals(request.text("subset"))) {
            findings.add("/subset: 不是所问 is not what was asked");
        }
        return findings;
    }

    private static String predicate(Json.Value one) {
        return Stream.of("field", "operator", "value")
            .map(name -> "\"" + name + "\":" + (one.get(name) == null ? "true" : one.get(name).compact()))
            .collect(Collectors.joining(",", "{", "}"));
    }

    /**
     * Every answer object of a service's or a matter's answer, and every material that brought none; one that says other
     * things than the material around it is emptied.
     */
    static List<Place> answersIn(Json.Value body) {
        String exchange = body.text("exchange");
        if (body.get("requirements") == null) {
            return List.of(new Place(body, exchange, "", body.get("fault")));
        }
        return body.list("requirements").stream().flatMap(one -> one.list("materials").stream())
            .map(one -> {
                Json.Value answer = one.get("answer");
                boolean fits = answer == null || (one.text("service").equals(answer.text("service"))
                    && one.text("outcome").equals(answer.text("outcome")));
                return new Place(fits ? answer : Json.parse("{}"), exchange, one.text("material"), one.get("fault"));
            }).toList();
    }

    static Answer send(URI gateway, Request request, SSLContext tls) throws java.io.IOException, InterruptedException {
        HttpRequest.Builder call = HttpRequest.newBuilder(gateway.resolve(request.path)).timeout(Duration.ofSeconds(60))
            .version(HttpClient.Version.HTTP_1_1).POST(HttpRequest.BodyPublishers.ofByteArray(request.body));
        request.headers.forEach(call::header);
        HttpResponse<byte[]> answer =
            HttpClient.newBuilder().sslContext(tls).build().send(call.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new Answer(answer.statusCode(), answer.headers().map(), answer.body());
    }
}
