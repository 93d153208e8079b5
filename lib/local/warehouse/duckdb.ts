/** What the warehouse uses of a DuckDB connection. The package's own types stay out, because it is no dependency of ours. */
export interface Connection {
  run(sql: string): Promise<{ readonly rowsChanged: number }>;
  runAndReadAll(sql: string): Promise<{ columnNames(): string[]; columnTypes(): readonly object[]; getRowsJson(): unknown[][] }>;
  interrupt(): void;
  closeSync(): void;
}

/** An open database file; it belongs to this process alone. */
export interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}

/** Opens a database file, making it if it is not there. */
export async function openDuckdb(file: string): Promise<Instance> {
  const { DuckDBInstance } = await loadPackage();
  try {
    return await DuckDBInstance.create(file, SETTINGS);
  } catch (error) {
    const message = (error as Error).message;
    if (/lock on file/i.test(message)) throw new Error(`the warehouse file '${file}' is open in another process; close it there first`);
    throw new Error(`cannot open the warehouse file '${file}': ${message}; give a DuckDB database file or a path where one can be made`);
  }
}

const SETTINGS = {
  // Nothing may be fetched from the network, whatever a statement asks for.
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  // DuckDB 1.5.6 breaks over it, with an internal error, on `QUALIFY ROW_NUMBER() ... = 1` over rows that were filtered.
  disabled_optimizers: 'top_n_window_elimination',
};

async function loadPackage(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch {
    throw new Error('the local warehouse needs the package @duckdb/node-api; install it: npm i -D @duckdb/node-api');
  }
}
