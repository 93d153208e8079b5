import type { Column, Dataset, ExtractEvent, ManifestEntry } from '../contract';
import { PermanentError } from '../shared/errors';
import { parseTableName, quoteTableName } from '../shared/identifier';
import { toManifest, writeManifest } from '../shared/manifest';
import { chooseColumns, findColumn, findTable, type SourceTable } from './catalogue';
import { selectedValue } from './column-types';
import { type Session, withSession } from './connection';
import { writeParts } from './parts';
import { refuseRowsOutsideEveryWindow, type Selection, selectWindow } from './window';

/**
 * The extract function. Streams a table, or a window of it, out of PostgreSQL into gzip parts on S3 and, last, their manifest. All rows are those of
 * one snapshot; memory is bounded whatever the table's size; the connection is closed in every case.
 */
export async function handler(event: ExtractEvent): Promise<Dataset> {
  parseTableName(event.table);
  if (!Number.isSafeInteger(event.partBytes) || event.partBytes < 1) {
    throw new PermanentError('InvalidInput', `partBytes is ${event.partBytes}; it must be a whole number of bytes, 1 or more`);
  }
  return withSession(event.table, async (session) => {
    const table = await findTable(session, event.table);
    const columns = chooseColumns(table, event);
    const selection = event.incremental && (await selectWindow(session, table, event.incremental));
    const entries = selection?.isEmpty ? [] : await extract(session, table, columns, selection, event);
    const manifest = toManifest(entries, 'copy-text', columns);
    const recordCount = manifest.meta.record_count;
    return {
      name: event.name,
      manifest: await writeManifest(event.output, manifest),
      format: 'copy-text',
      recordCount,
      parts: entries.length,
      columns,
      counts: { extracted: recordCount },
      ...(selection && { window: selection.window }),
    };
  });
}

async function extract(
  session: Session,
  table: SourceTable,
  columns: readonly Column[],
  selection: Selection | undefined,
  { output, partBytes }: ExtractEvent,
): Promise<ManifestEntry[]> {
  await session.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  if (selection) await refuseRowsOutsideEveryWindow(session, table, selection.window.column);
  const values = columns.map((column) => selectedValue(findColumn(table, column.name))).join(', ');
  const where = selection ? ` WHERE ${selection.condition}` : '';
  const copy = session.copy(`COPY (SELECT ${values} FROM ${quoteTableName(table.name)}${where}) TO STDOUT`);
  const entries = await writeParts(copy, output, partBytes);
  await session.query('COMMIT');

  const written = entries.reduce((sum, entry) => sum + entry.meta.record_count, 0);
  if (written !== copy.sent()) throw new Error(`the database sent ${copy.sent()} rows and ${written} were written; the next try starts afresh`);
  return entries;
}
