import { type DuckDBConnection, StatementType } from '@duckdb/node-api';
import { PushforwardError } from '../errors.js';
import { quoteText, withDuckDB } from './duckdb.js';
import { readColumns } from './readColumns.js';
import { csvFault, duckdbFailure } from './readErrors.js';
import { type FileFormat, inspectFile } from './readFormat.js';
import { MISSING_WORDS } from './readText.js';
import type { Table } from './types.js';

export interface ReadOptions {
  /** Whether the first line of a CSV names the columns. Default: DuckDB finds out. */
  readonly header?: boolean;
  /** The name of the source in messages. Default: the path, or `sql`. */
  readonly sourceName?: string;
}

/** The rows, in the database, while they are being read. */
const STAGE = 'pushforward_rows';

/** What `readTable` says. */
export async function readStaged(
  source: string | { readonly sql: string },
  options: ReadOptions = {},
): Promise<Table> {
  const name = options.sourceName ?? (typeof source === 'string' ? source : 'sql');
  if (typeof source !== 'string') {
    return withDuckDB(async (connection) => {
      await stageQuery(connection, source.sql, name);
      return finish(connection, name, true);
    });
  }
  const format = await inspectFile(source);
  return withDuckDB(async (connection) => {
    await stageFile(connection, source, format, options);
    return finish(connection, name, format.kind === 'csv');
  });
}

async function finish(connection: DuckDBConnection, name: string, isText: boolean): Promise<Table> {
  const read = await readColumns(connection, STAGE, isText).catch((error: unknown) => {
    throw duckdbFailure(error, name, 'check its values');
  });
  if (read.rows === 0) {
    throw new PushforwardError('input', 'has no rows', { where: name, mend: 'give a table with rows' });
  }
  const { rows, columns, unreadable } = read;
  return { rows, columns, source: name, ...(unreadable.length === 0 ? {} : { unreadable }) };
}

async function stageFile(
  connection: DuckDBConnection,
  path: string,
  format: FileFormat,
  options: ReadOptions,
): Promise<void> {
  const where = options.sourceName ?? path;
  try {
    await connection.run(`CREATE TEMP TABLE ${STAGE} AS FROM ${readCall(path, format, options)}`);
  } catch (error) {
    if (format.kind === 'parquet') {
      throw duckdbFailure(error, where, 'the file is damaged; write it again');
    }
    if (format.kind === 'json') {
      throw duckdbFailure(error, where, 'give an array of objects, or one object a line');
    }
    throw await explainCsv(connection, path, format, where, error);
  }
}

function readCall(path: string, format: FileFormat, { header }: ReadOptions): string {
  const file = quoteText(path);
  if (format.kind === 'parquet') return `read_parquet(${file})`;
  if (format.kind === 'json') {
    return `read_json(${[file, 'sample_size = -1', ...compressionSetting(format)].join(', ')})`;
  }
  // A word with a blank on either side is still that word, and must not make a number column text.
  const words = MISSING_WORDS.flatMap((word) => [word, ` ${word}`, `${word} `]);
  const settings = [
    ...csvSettings(format),
    'sample_size = -1',
    'skip = 0',
    `nullstr = [${words.map(quoteText).join()}]`,
    // BOOLEAN is left out: it would turn yes and no into true and false, and samples would differ.
    "auto_type_candidates = ['BIGINT', 'DOUBLE', 'TIME', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'VARCHAR']",
    ...(header === undefined ? [] : [`header = ${header}`]),
  ];
  return `read_csv(${file}, ${settings.join(', ')})`;
}

function csvSettings(format: FileFormat): string[] {
  const settings = [`quote = '"'`, `escape = '"'`, "comment = ''", ...compressionSetting(format)];
  return format.shape === null ? settings : [`delim = ${quoteText(format.shape.delimiter)}`, ...settings];
}

function compressionSetting({ compression }: FileFormat): string[] {
  return compression === 'none' ? [] : [`compression = '${compression}'`];
}

/** When the sniffer gives up it names no line; reading the file as plain text, column by column, does. */
async function explainCsv(
  connection: DuckDBConnection,
  path: string,
  format: FileFormat,
  where: string,
  error: unknown,
): Promise<PushforwardError> {
  const fault = csvFault(error) ?? (await findCsvFault(connection, path, format));
  if (fault === null) {
    const what = 'cannot be read as a table: its rows differ in shape';
    return new PushforwardError('input', what, { where, mend: 'give a CSV file', cause: error });
  }
  const place = `${where}, line ${fault.line}`;
  return new PushforwardError('input', fault.what, { where: place, mend: fault.mend, cause: error });
}

async function findCsvFault(
  connection: DuckDBConnection,
  path: string,
  format: FileFormat,
): Promise<ReturnType<typeof csvFault>> {
  if (format.shape === null) return null;
  const types = Array.from({ length: format.shape.columns }, (_, i) => `'c${i}': 'VARCHAR'`);
  const plain = `auto_detect = false, header = false, columns = {${types.join()}}`;
  try {
    const call = `read_csv(${quoteText(path)}, ${plain}, ${csvSettings(format).join()})`;
    await connection.run(`SELECT count(*) FROM ${call}`);
    return null;
  } catch (error) {
    return csvFault(error);
  }
}

async function stageQuery(connection: DuckDBConnection, sql: string, where: string): Promise<void> {
  const mend = 'mend the query';
  if (sql.trim() === '') {
    throw new PushforwardError('input', 'the query is empty', { where, mend: 'write a SELECT' });
  }
  let isRead: boolean;
  try {
    const statements = await connection.extractStatements(sql);
    const first = statements.count === 1 ? await statements.prepare(0) : null;
    isRead = first?.statementType === StatementType.SELECT && first.parameterCount === 0;
    first?.destroySync();
  } catch (error) {
    throw duckdbFailure(error, where, mend);
  }
  if (!isRead) {
    throw new PushforwardError('input', 'the query is not one SELECT', {
      where,
      mend: 'read rows with a single SELECT; nothing may be written or attached',
    });
  }
  try {
    await connection.run(`CREATE TEMP TABLE ${STAGE} AS FROM query(${quoteText(sql)})`);
  } catch (error) {
    const fault = csvFault(error);
    throw fault === null
      ? duckdbFailure(error, where, mend)
      : new PushforwardError('input', `line ${fault.line} of a CSV has ${fault.what}`, {
          where,
          mend: fault.mend,
        });
  }
}
