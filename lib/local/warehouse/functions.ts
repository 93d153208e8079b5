import { refused } from './errors';

/** Functions that answer the same on both sides. Whatever is not listed here or below is refused, because a look-alike may answer otherwise. */
const SAME = new Set(
  `count sum min max coalesce nullif greatest least abs ceil ceiling floor round trunc sign lower upper trim ltrim rtrim btrim length substring left right
   replace reverse repeat position strpos lpad rpad split_part md5 row_number rank dense_rank ntile lag lead first_value last_value extract date_trunc exists bool_and bool_or
   try_cast cast chr ascii`.split(/\s+/),
);

const RENAMED: Readonly<Record<string, string>> = {
  nvl: 'coalesce',
  len: 'length',
  char_length: 'length',
  character_length: 'length',
  octet_length: 'strlen',
  substr: 'substring',
};

/** What DuckDB calls a function of Redshift. Functions whose answers differ are refused, naming what to write instead. */
export function functionName(name: string): string {
  if (SAME.has(name)) return name;
  const renamed = RENAMED[name];
  if (renamed !== undefined) return renamed;
  throw refused(`function ${name}`, `use one of ${[...SAME, ...Object.keys(RENAMED)].sort().join(' ')}`);
}
