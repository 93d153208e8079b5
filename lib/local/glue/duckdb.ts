/** A row of a result, values as DuckDB's JavaScript types. */
export type Row = Readonly<Record<string, unknown>>;

/** A DuckDB without a file of its own, for one conversion. */
export interface Duckdb {
  query(sql: string): Promise<Row[]>;
  /** Stops the statement that runs; it then fails. */
  interrupt(): void;
  close(): void;
}

/** Opens a DuckDB that keeps to `memoryLimit` and spills into `directory`. Nothing is fetched from the network. */
export async function openDuckdb(directory: string, memoryLimit: string): Promise<Duckdb> {
  const { DuckDBInstance } = await load();
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: directory,
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  return {
    query: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[],
    interrupt: () => connection.interrupt(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function load() {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(`a local run converts to Parquet with DuckDB, which is not installed; run 'npm i -D @duckdb/node-api'`);
  }
}

/** The SQL text of a string. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
