// JSON with the text that each value was written as: a digest is over "100.10", not over 100.1 (docs/answer.md).

/** {kind: 'object', members: Map, raw} | {kind: 'list', items: [], raw} | {kind: 'scalar', value, raw} */
export function parse(text) {
  let at = 0;
  const fail = (what) => { throw new Error(`JSON: ${what} at ${at}`); };
  const space = () => { while (' \t\r\n'.includes(text[at]) && at < text.length) at += 1; };
  const take = (mark) => { if (text[at] !== mark) fail(`no ${mark}`); at += 1; };

  function scalar() {
    const rest = /("(?:[^"\\\u0000-\u001f]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
    rest.lastIndex = at;
    const found = rest.exec(text);
    if (!found) fail('no value');
    at += found[0].length;
    const quoted = found[0].startsWith('"');
    const value = quoted || /^[tfn]/.test(found[0]) ? JSON.parse(found[0]) : found[0];
    return { kind: 'scalar', value, quoted, raw: found[0] };
  }

  function all(close, one) {
    at += 1;
    space();
    if (text[at] === close) { at += 1; return; }
    for (;;) {
      space();
      one();
      space();
      if (text[at] === close) { at += 1; return; }
      take(',');
    }
  }

  function value(depth) {
    if (depth > 32) fail('too deep');
    space();
    const begun = at;
    if (text[at] === '{') {
      const members = new Map();
      all('}', () => {
        const name = scalar();
        if (!name.quoted || members.has(name.value)) fail('a member without a name of its own');
        space();
        take(':');
        members.set(name.value, value(depth + 1));
      });
      return { kind: 'object', members, raw: text.slice(begun, at) };
    }
    if (text[at] === '[') {
      const items = [];
      all(']', () => items.push(value(depth + 1)));
      return { kind: 'list', items, raw: text.slice(begun, at) };
    }
    return scalar();
  }

  const whole = value(0);
  space();
  if (at !== text.length) fail('more than one value');
  return whole;
}

/** A member, or undefined. */
export const get = (node, name) => (node?.kind === 'object' ? node.members.get(name) : undefined);
/** A member's text, or ''. */
export const textOf = (node, name) => { const one = get(node, name); return one?.kind === 'scalar' ? String(one.value) : ''; };
/** Items of a list, or none. */
export const itemsOf = (node) => (node?.kind === 'list' ? node.items : []);

/** As the gateway writes it: without blanks, texts with the least of escapes, numbers as they stand. */
export function compact(node) {
  if (node.kind === 'object') return `{${[...node.members].map(([name, one]) => `${JSON.stringify(name)}:${compact(one)}`).join()}}`;
  if (node.kind === 'list') return `[${node.items.map(compact).join()}]`;
  return node.quoted ? JSON.stringify(node.value) : node.raw;
}

/** The value at a JSON pointer, or undefined. Source: RFC 6901, 4. */
export function pointed(node, pointer) {
  if (pointer === '') return node;
  if (!pointer.startsWith('/')) return undefined;
  return pointer.slice(1).split('/').reduce((here, part) => {
    if (here?.kind === 'list') return /^(0|[1-9]\d*)$/.test(part) ? here.items[Number(part)] : undefined;
    return get(here, part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }, node);
}

/** The pointers of every leaf: a scalar, an empty object, an empty list. */
export function leaves(node, at = '') {
  const below = node.kind === 'object'
    ? [...node.members].map(([name, one]) => [name.replaceAll('~', '~0').replaceAll('/', '~1'), one])
    : node.kind === 'list' ? node.items.map((one, index) => [String(index), one]) : [];
  return below.length === 0 ? [at] : below.flatMap(([name, one]) => leaves(one, `${at}/${name}`));
}

/** Whether two values say the same: members in any order, numbers as they are written. */
export function same(one, other) {
  if (one?.kind !== other?.kind) return false;
  if (one.kind === 'object') {
    return one.members.size === other.members.size &&
      [...one.members].every(([name, value]) => same(value, other.members.get(name)));
  }
  if (one.kind === 'list') {
    return one.items.length === other.items.length && one.items.every((value, index) => same(value, other.items[index]));
  }
  return one.quoted === other.quoted && one.value === other.value;
}
