#!/usr/bin/env node
// One signed call 调用一次: datong-call.mjs service|matter NAME BODY.json
// or the certificates of an answer that was kept 以后再验证: datong-call.mjs verify ANSWER.json [BODY.json], a service's
// with the body that was sent: whether it answers that.
// DATONG_URL, DATONG_CA, DATONG_TRUST, DATONG_KEY and DATONG_KEYID as README.md says. The answer is on standard
// output, what was verified on standard error. Exit: 0 answered and verified, 1 a fault, a missing or pending material or what
// does not verify, 2 the command line, 78 a file that can't be used.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { Trust, answersIn, checkAnswer, checkAsked, checkCertificate, isOpen, isOutcomeAlone, send, signedRequest } from './datong.mjs';
import { get, itemsOf, parse, textOf } from './json.mjs';

// The lines at the top say it to whoever asks.
const help = () => fs.readFileSync(new URL(import.meta.url), 'utf8').split('\n').slice(1)
  .filter((line, at, all) => all.slice(0, at + 1).every((one) => one.startsWith('//'))).map((line) => line.slice(3)).join('\n');
const USAGE = '用法 usage: datong-call.mjs service|matter NAME BODY.json, or verify ANSWER.json [BODY.json]';
const PATHS = { service: (name) => `/v1/services/${name}`, matter: (name) => `/v1/matters/${name}/materials` };

function leave(code, text) {
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}

/** Text of the other side: its control characters must not move a terminal's cursor. */
const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

const of = (name) => process.env[name] || (() => { throw new Error(`缺环境变量 ${name} is not set`); })();
const trusted = () => new Trust(fs.readFileSync(of('DATONG_TRUST'), 'utf8'));

function gateway(text) {
  const url = new URL(text);
  if (url.protocol !== 'https:') throw new Error('DATONG_URL 应为 https://HOST:PORT');
  return url;
}

function settings(bodyFile) {
  return {
    url: gateway(of('DATONG_URL')), ca: fs.readFileSync(of('DATONG_CA')), trust: trusted(),
    key: crypto.createPrivateKey(fs.readFileSync(of('DATONG_KEY'))), keyid: of('DATONG_KEYID'), body: fs.readFileSync(bodyFile),
  };
}

/** The last day of an answer's use. Days are those of China's time, as the gateway's are. */
function untilWords(until) {
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  return until && `，可用至 usable until ${until}${until < today ? '，已过 it is over' : ''}`;
}

/** @param asked the body that was sent, where it is known and a service's
 *  @param isSigned whether the gateway's signature over it was verified */
function checkAll(body, trust, asked, isSigned) {
  const places = answersIn(body);
  const open = places.filter(isOpen);
  const alone = places.filter(isOutcomeAlone);
  const answers = places.filter((one) => one.answer && !isOpen(one) && !isOutcomeAlone(one));
  const count = answers.length + open.length + alone.length;
  if (count === 0) return leave(1, '没有可验证的证照 no certificate to verify');
  for (const one of answers) {
    const { issuer, fields, until, findings } = checkCertificate(one, trust);
    if (findings.length > 0) return leave(1, `证照无效 certificate: INVALID (issuer ${issuer})\n  ${findings.join('\n  ')}`);
    process.stderr.write(`证照有效 certificate: valid (issuer ${issuer}, ${fields} fields)${untilWords(until)}\n`);
  }
  const strays = asked && open.length + alone.length === 0 ? checkAsked(body, asked) : [];
  if (strays.length > 0) return leave(1, `证照所答不是所问 certificate: INVALID\n  ${strays.join('\n  ')}`);
  const isFailed = [body, ...itemsOf(get(body, 'requirements'))].some((one) => textOf(one, 'outcome') === 'failed');
  if (isFailed || count < places.length) leave(1, '有材料未取得 a material is missing');
  if (alone.length > 0 && isSigned) process.stderr.write('仅重复办理结果，不附证照，由网关签名 the outcome alone, no certificate: the gateway\'s word\n');
  else if (alone.length > 0) leave(1, '仅有办理结果，不附证照，无可验证 the outcome alone, no certificate: nothing here proves it');
  if (open.length > 0) leave(1, `尚无定论，稍后查询 no last word yet, ask later: ${plain(textOf(body, 'status'))}`);
}

/** What a refusal says that nobody may rely on: a gateway signs none for whom it does not know. */
function hintIn({ status, body }) {
  if (status < 400) return '';
  let said;
  try { said = parse(body.toString('utf8')); } catch { /* no JSON: its status alone */ }
  const words = ['code', 'todo', 'todo_en'].map((name) => plain(textOf(said, name)).slice(0, 300));
  return `\n未验签，仅供参考 not verified, a hint only: ${[status, ...words].join(' ')}`;
}

/** The key with which the gateway signed it. */
function checked(answer, request, trust) {
  try {
    return checkAnswer(answer, request, trust);
  } catch (error) {
    throw new Error(error.message + hintIn(answer));
  }
}

async function call(given, path) {
  const request = signedRequest({ authority: given.url.host, path, ...given });
  const answer = await send(given.url, request, given.ca).catch((error) => {
    throw new Error(`没有应答 no answer from ${given.url.origin}: ${error.code ?? error.message}`);
  });
  process.stderr.write(`签名有效 signature: valid (key ${checked(answer, request, given.trust)})\n`);
  process.stdout.write(answer.body);
  const body = parse(answer.body.toString('utf8'));
  if (answer.status >= 300) leave(1, `被拒绝 refused: ${answer.status} ${textOf(body, 'code')}`);
  else checkAll(body, given.trust, path.startsWith('/v1/services/') ? parse(given.body.toString('utf8')) : undefined, true);
}

const [kind, name, file, ...more] = process.argv.slice(2);
if (kind === '--help' || kind === '-h') {
  process.stdout.write(`${help()}\n`);
} else if (kind === 'verify' && name && more.length === 0) {
  try {
    checkAll(parse(fs.readFileSync(name, 'utf8')), trusted(), file && parse(fs.readFileSync(file, 'utf8')), false);
  } catch (error) {
    leave(78, error.message);
  }
} else if (!PATHS[kind] || !/^[a-z][a-z0-9-]*$/.test(name ?? '') || !file || more.length > 0) {
  leave(2, USAGE);
} else {
  let given;
  try {
    given = settings(file);
  } catch (error) {
    leave(78, error.message);
  }
  if (given) {
    try {
      await call(given, PATHS[kind](name));
    } catch (error) {
      leave(1, error.message);
    }
  }
}
