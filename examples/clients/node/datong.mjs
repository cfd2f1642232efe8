// Signs calls to datong and verifies what it answers, with Node's own modules only (Node 18 or later).
// Sources: RFC 9421 (HTTP message signatures), RFC 9530 (Content-Digest), RFC 7515 (JWS), docs/answer.md.
import crypto from 'node:crypto';
import https from 'node:https';
import { compact, get, itemsOf, leaves, parse, pointed, same, textOf } from './json.mjs';

const LABEL = 'sig1';
const REQUEST = ['@method', '@authority', '@path', '@query', 'content-digest', 'content-type'];
const ANSWER = `("@status" "content-type" "content-digest" "signature";req;key="${LABEL}" "content-digest";req)`;

const sha256 = (octets) => crypto.createHash('sha256').update(octets).digest();
const contentDigest = (body) => `sha-256=:${sha256(body).toString('base64')}:`;

/** ECDSA P-256 as r||s, or Ed25519. */
const how = (key) => (key.asymmetricKeyType === 'ed25519' ? [null, key] : ['sha256', { key, dsaEncoding: 'ieee-p1363' }]);
function sign(key, text) {
  const [hash, settings] = how(key);
  return crypto.sign(hash, Buffer.from(text), settings);
}
function verifies(key, text, signature) {
  const [hash, settings] = how(key);
  return crypto.verify(hash, Buffer.from(text), settings, signature);
}

/** The public keys of a JWKS with owners, as `datong keys` prints it. Whose a key is says what it may sign. */
export class Trust {
  constructor(jwks) { this.keys = JSON.parse(jwks).keys; }

  /** @param owner "gateway" or "department:ID". @returns undefined for a key that is not trusted for it. */
  key(keyid, owner) {
    const jwk = this.keys.find((one) => one.kid === keyid && one.datong_owner === owner && !one.datong_to);
    return jwk && crypto.createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }, format: 'jwk' });
  }
}

/** A signed POST: {method, path, headers, body, signature, digest}.
 *  @param authority host and port as they stand in the URL, lower case, without a default port */
export function signedRequest({ authority, path, body, keyid, key, now = Date.now() }) {
  const digest = contentDigest(body);
  const values = [`POST`, authority, path, '?', digest, 'application/json'];
  const covered = REQUEST.map((name) => `"${name}"`).join(' ');
  const parameters = `(${covered});created=${Math.floor(now / 1000)};nonce="${crypto.randomBytes(16).toString('hex')}"` +
    `;keyid="${keyid}";tag="datong"`;
  const base = REQUEST.map((name, at) => `"${name}": ${values[at]}\n`).join('') + `"@signature-params": ${parameters}`;
  const signature = sign(key, base).toString('base64');
  const headers = {
    'Content-Type': 'application/json', Accept: 'application/json', 'Content-Digest': digest,
    'Signature-Input': `${LABEL}=${parameters}`, Signature: `${LABEL}=:${signature}:`,
  };
  return { method: 'POST', path, headers, body, signature, digest };
}

/** Throws where the answer is not signed by a gateway's key, over all that it must cover, for this request.
 *  @param answer {status, headers (lower-case names), body (Buffer)}. @returns the key id */
export function checkAnswer(answer, request, trust) {
  const [, label, parameters] = /^([a-z][a-z0-9_.*-]*)=(.*)$/.exec(answer.headers['signature-input'] ?? '') ?? [];
  const [, signedBy, signature] = /^([a-z][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]+):$/.exec(answer.headers.signature ?? '') ?? [];
  if (!answer.headers['signature-input'] || !answer.headers.signature) throw new Error('应答未签名 the answer is not signed');
  if (!label || label !== signedBy || !parameters.startsWith(ANSWER)) {
    throw new Error('应答的签名未覆盖应覆盖的内容 the signature does not cover what it must');
  }
  const [, keyid] = /;keyid="([^"]*)"/.exec(parameters.slice(ANSWER.length)) ?? [];
  const key = trust.key(keyid, 'gateway');
  if (!key) throw new Error(`应答签名密钥不受信任 signed with a key that is not trusted for a gateway: ${keyid}`);
  const digest = answer.headers['content-digest'];
  const base = `"@status": ${answer.status}\n"content-type": ${answer.headers['content-type']}\n` +
    `"content-digest": ${digest}\n"signature";req;key="${LABEL}": :${request.signature}:\n` +
    `"content-digest";req: ${request.digest}\n"@signature-params": ${parameters}`;
  if (!verifies(key, base, Buffer.from(signature, 'base64'))) throw new Error(`应答签名无效 signature: INVALID (key ${keyid})`);
  if (digest !== contentDigest(answer.body)) throw new Error('应答内容与摘要不符 the body does not have the digest that was signed');
  return keyid;
}

/** The files that an answer names, against those that the issuer signed, and against their octets where they are in it. */
function strayFiles(answer, content, statement) {
  const signed = itemsOf(get(statement, 'file_digests'));
  const isSame = (one, other) =>
    ['path', 'media_type', 'length', 'sha256'].every((name) => get(one, name) && same(get(one, name), get(other, name)));
  return itemsOf(get(answer, 'files')).flatMap((file) => {
    const path = textOf(file, 'path');
    if (!signed.some((one) => isSame(file, one))) return [`${path}: 文件的摘要未经签发方签名 the issuer signed no file like this`];
    const inside = pointed(content, path);
    const differs = inside && sha256(Buffer.from(String(inside.value), 'base64')).toString('hex') !== textOf(file, 'sha256');
    return differs ? [`${path}: 文件与其摘要不符 the file differs from its digest`] : [];
  });
}

/** What is wrong with one answer object and its certificate: a list of texts with JSON pointers, empty when nothing is.
 *  @param place one of answersIn() that has an answer. @returns {issuer, fields, until, findings}: until is the last day of
 *  its use, '' where none is named */
export function checkCertificate({ answer, exchange, material, fault }, trust) {
  const findings = fault ? ['/fault: 应答旁另有故障 a fault beside an answer'] : [];
  const [head, payload, mark] = textOf(answer, 'certificate').split('.');
  if (!mark) return { issuer: '', fields: 0, until: '', findings: ['/certificate: 没有证照 no certificate'] };
  const header = parse(Buffer.from(head, 'base64url').toString());
  const statement = parse(Buffer.from(payload, 'base64url').toString());
  const issuer = textOf(get(statement, 'issuer'), 'id');
  const key = trust.key(textOf(header, 'kid'), `department:${issuer}`);
  const algorithm = key?.asymmetricKeyType === 'ed25519' ? 'EdDSA' : 'ES256';
  if (!key || textOf(header, 'alg') !== algorithm ||
      !verifies(key, `${head}.${payload}`, Buffer.from(mark ?? '', 'base64url'))) {
    findings.push('/certificate: 签发方签名无效 the issuer\'s signature does not verify');
  }
  for (const name of ['service', 'outcome', 'as_of', 'scope']) {
    if (!get(answer, name) || !get(statement, name)) findings.push(`/${name}: 缺失 missing`);
  }
  for (const [name, value] of statement.members) {
    const said = get(answer, name);
    if (said && name !== 'asked' && !same(said, value)) findings.push(`/${name}: 与签发方声明不一致 differs from what was signed`);
  }
  for (const name of ['consent', 'subset']) {
    if (!get(answer, name) !== !get(statement, name)) findings.push(`/${name}: 与签发方声明不一致 differs from what was signed`);
  }
  // the last day of its use is signed at the top and shown with the code that it is checked with
  const until = get(statement, 'valid_until');
  const shownUntil = get(get(answer, 'sharing'), 'valid_until');
  if ((until || shownUntil) && !same(until, shownUntil)) {
    findings.push('/sharing/valid_until: 与签发方声明不一致 differs from what was signed');
  }
  const jti = material ? `${exchange}#${material}` : exchange;
  if (textOf(statement, 'jti') !== jti) findings.push('/exchange: 与签发方声明不一致 of another exchange or material');
  const asked = itemsOf(get(answer, 'asked')).map((one) => textOf(one, 'digest'));
  const askedSigned = itemsOf(get(statement, 'asked')).map((one) => one.value);
  if (asked.join() !== askedSigned.join()) findings.push('/asked: 与签发方声明不一致 differs from what was signed');

  const digests = new Set(itemsOf(get(statement, 'digests')).map((one) => one.value));
  const content = get(answer, 'content') ?? parse('{}');
  const covered = new Set();
  const origin = get(statement, 'origin')?.members ?? new Map();
  for (const entry of itemsOf(get(answer, 'provenance'))) {
    const path = textOf(entry, 'path');
    const value = pointed(content, path);
    const digest = sha256(`${textOf(entry, 'salt')}\n${path}\n${value?.raw}`).toString('base64url');
    if (!value || digest !== textOf(entry, 'digest')) findings.push(`${path}: 字段被改动 the field was altered`);
    else if (!digests.has(digest)) findings.push(`${path}: 摘要未经签发方签名 its digest was not signed`);
    for (const [name, signed] of origin) {
      if (!same(get(entry, name), signed)) findings.push(`${path}: 来源与签发方声明不一致 its ${name} differs from what was signed`);
    }
    covered.add(path);
  }
  findings.push(...strayFiles(answer, content, statement));
  const has = (path) => covered.has(path) || (path !== '' && has(path.slice(0, path.lastIndexOf('/'))));
  if (content.kind !== 'object') findings.push('/content: 不是对象 no object');
  else if (content.members.size > 0) {
    findings.push(...leaves(content).filter((path) => !has(path)).map((path) => `${path}: 没有来源 no provenance`));
  }
  return { issuer, fields: covered.size, until: textOf(statement, 'valid_until'), findings };
}

/** Whether a service's answer, whose certificate holds, is to this request: person, query, predicates and subset. Of a
 *  matter nothing is known here: its materials ask about several persons. @returns findings, as checkCertificate does */
export function checkAsked(answer, request) {
  const about = textOf(request, 'about') || 'subject';
  const idNo = get(get(get(request, 'context'), about), 'id_no');
  const told = (one, name) => (get(one, name) ? compact(get(one, name)) : 'true');
  const predicate = (one) => `{${['field', 'operator', 'value'].map((name) => `"${name}":${told(one, name)}`).join()}}`;
  const wanted = { '/id_no': idNo && compact(idNo), '/query': compact(get(request, 'query') ?? parse('{}')) };
  if (get(request, 'verify')) wanted['/verify'] = `[${itemsOf(get(request, 'verify')).map(predicate).join()}]`;
  const isAsked = ([path, text]) => itemsOf(get(answer, 'asked')).some((one) => textOf(one, 'path') === path &&
    textOf(one, 'digest') === sha256(`${textOf(one, 'salt')}\n${path}\n${text}`).toString('base64url'));
  const findings = Object.entries(wanted).filter((one) => !isAsked(one)).map(([path]) => `/asked: ${path} 不是所问 is not what was asked`);
  if (textOf(answer, 'subset') !== textOf(request, 'subset')) findings.push('/subset: 不是所问 is not what was asked');
  return findings;
}

/** Whether nothing at this place is signed by a department yet: `pending`, `deferred` or `unknown` as the gateway says it
 *  of this exchange, with nothing beside it that a certificate would have to prove. Ask later. */
export function isOpen({ answer, exchange, fault }) {
  return !fault && ['pending', 'deferred', 'unknown'].includes(textOf(answer, 'outcome')) && textOf(answer, 'exchange') === exchange &&
    ['certificate', 'content', 'files', 'provenance', 'digests'].every((name) => !get(answer, name));
}

/** Whether the gateway repeats what became of a submission and no more, for it may not, or can't, show all that the
 *  certificate is of: the gateway's word alone, with nothing beside it that a certificate would have to prove. */
export function isOutcomeAlone({ answer, exchange, fault }) {
  return !fault && ['accepted', 'returned', 'done', 'refused'].includes(textOf(answer, 'outcome')) &&
    textOf(answer, 'exchange') === exchange && textOf(answer, 'status').startsWith('/v1/submissions/') &&
    ['certificate', 'content', 'files', 'provenance', 'digests'].every((name) => !get(answer, name));
}

/** Every answer object of a service's or a matter's answer, and where it stands: {answer, exchange, material, fault}. A
 *  material that brought none has answer undefined; one that says other things than the material around it is emptied. */
export function answersIn(body) {
  const exchange = textOf(body, 'exchange');
  if (!get(body, 'requirements')) return [{ answer: body, exchange, material: '', fault: get(body, 'fault') }];
  return itemsOf(get(body, 'requirements')).flatMap((one) => itemsOf(get(one, 'materials')))
    .map((one) => {
      const answer = get(one, 'answer');
      const fits = !answer || ['service', 'outcome'].every((name) => textOf(one, name) === textOf(answer, name));
      return { answer: fits ? answer : parse('{}'), exchange, material: textOf(one, 'material'), fault: get(one, 'fault') };
    });
}

/** Sends it. @param ca TLS anchors, PEM. @returns {status, headers, body} */
export function send(url, request, ca) {
  return new Promise((resolve, reject) => {
    const sent = https.request(new URL(request.path, url), { method: request.method, headers: request.headers, ca, timeout: 60_000 },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
        answer.on('error', reject);
      });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 60 s')));
    sent.on('error', reject);
    sent.end(request.body);
  });
}
