/** Databases, roles and tablespaces: everything goes into the one local database, and a role's new password would lock the pipeline out. */
const SKIPPED = /^(CREATE|ALTER|DROP) (DATABASE|ROLE|USER|GROUP|TABLESPACE|SYSTEM|SUBSCRIPTION)\b(?! MAPPING)/i;

/** What a script says of a server that is not this one, and the errors that then do not matter. */
const TOLERATED: readonly { readonly statement: RegExp; readonly codes: readonly string[]; readonly why: string }[] = [
  { statement: /^ALTER .* OWNER TO\b/i, codes: ['42704'], why: 'the owner does not exist here' },
  { statement: /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b/i, codes: ['42704', '0LP01'], why: 'the role does not exist here' },
  {
    statement: /^SET (SESSION |LOCAL )?(ROLE|SESSION AUTHORIZATION|AUTHORIZATION)\b/i,
    codes: ['42704', '22023'],
    why: 'the role does not exist here',
  },
  { statement: /^SET \w+/i, codes: ['42704'], why: 'this version has no such setting' },
  { statement: /^CREATE EXTENSION\b/i, codes: ['0A000', '58P01', 'F0000'], why: 'the extension is not installed here' },
  { statement: /^COMMENT ON EXTENSION\b/i, codes: ['42704'], why: 'the extension is not installed here' },
  { statement: /^CREATE SCHEMA\b/i, codes: ['42P06'], why: 'the schema is there already' },
];

/** Whether a statement is left out because it concerns the server and not the data. */
export function isSkipped(outline: string): boolean {
  return SKIPPED.test(outline);
}

/** Whether a statement may fail, so that its failure must not spoil the transaction it is in. */
export function mayFail(outline: string): boolean {
  return TOLERATED.some(({ statement }) => statement.test(outline));
}

/** Why the failure of a statement does not matter, or nothing when it does. */
export function whyTolerated(outline: string, code: string | undefined): string | undefined {
  return TOLERATED.find(({ statement, codes }) => statement.test(outline) && codes.includes(code ?? ''))?.why;
}

/** Commands that tell psql how to talk to a person or where to connect. */
const IGNORED =
  /^(c|connect|connect_timeout|set|unset|echo|qecho|warn|pset|timing|restrict|unrestrict|o|x|a|t|H|f|conninfo|errverbose|setenv|p|d\S*|l\+?|z|encoding)$/;

/** Whether a psql command changes nothing in the database. */
export function isIgnoredCommand(name: string): boolean {
  return IGNORED.test(name);
}
