// land_jsonata.mjs MODULES EXPRESSION RECORD SECONDS: maps the JSON of one record with JSONata again and again.
// Prints the output, then "RECORDS PROCESSOR_MICROSECONDS" of the last SECONDS; as long before is for the compiler.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, expressionFile, recordFile, seconds] = process.argv.slice(2);
const jsonata = createRequire(modules + '/')('jsonata');
const expression = jsonata(readFileSync(expressionFile, 'utf8'));
const kWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
expression.registerFunction('check', (id) => '10X98765432'[kWeights.reduce((sum, w, i) => sum + w * id[i], 0) % 11]);
expression.registerFunction('half', (text) => text.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)));
const text = readFileSync(recordFile, 'utf8');
const bindings = { department: '11999901MB0000019U', today: '2024-05-01' };

const once = async () => JSON.stringify(await expression.evaluate(JSON.parse(text), bindings));

async function runFor(milliseconds) {
  const begin = process.cpuUsage();
  const until = Date.now() + milliseconds;
  let records = 0;
  while (Date.now() < until) {
    await once();
    records += 1;
  }
  const used = process.cpuUsage(begin);
  return [records, used.user + used.system];
}

console.log(await once());
await runFor(1000 * seconds);
console.log((await runFor(1000 * seconds)).join(' '));
