import { childText, readXml, writeXml } from '../../../lib/local/aws/xml';

test('writes elements in order, repeats arrays, leaves out what is undefined', () => {
  expect(writeXml('R', { A: 1, B: undefined, C: [{ D: 'x' }, { D: 'y' }], E: [], F: '' }, 'urn:n')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<R xmlns="urn:n"><A>1</A><C><D>x</D></C><C><D>y</D></C><F></F></R>',
  );
});

test('reads back any text that it wrote', () => {
  const text = ' a&b<c>"d"\'e\' \r\n\t \u00e9 \u{1f600} ]]> &amp; ';
  expect(childText(readXml(writeXml('R', { T: text })), 'T')).toBe(text);
});

test('reads attributes, empty elements and numeric entities', () => {
  const root = readXml('<?xml version="1.0"?>\n<R xmlns="x"><E/><T a="1">&#65;&#x42;&apos;</T></R>');
  expect(root.children.map(({ name, text }) => [name, text])).toEqual([
    ['E', ''],
    ['T', "AB'"],
  ]);
  expect(childText(root, 'missing')).toBeUndefined();
});

test.each(['', 'text', '<a>', '<a></b>', '<a></a><b></b>', '</a>', '<a>&unknown;</a>'])('refuses %j', (text) => {
  expect(() => readXml(text)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
});
