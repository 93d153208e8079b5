import { fieldProblems } from '../fields';

type Json = Readonly<Record<string, unknown>>;

const CONFIG_FIELDS = { Mode: 'required', ExecutionType: 'required' } as const;
const READER_FIELDS = { Resource: 'required', Arguments: 'required', ReaderConfig: 'optional' } as const;
const READER_CONFIG_FIELDS = {
  InputType: 'optional',
  CSVHeaderLocation: 'optional',
  CSVHeaders: 'optional',
  CSVDelimiter: 'optional',
  ItemsPointer: 'optional',
  MaxItems: 'optional',
} as const;
const BATCHER_FIELDS = { MaxItemsPerBatch: 'optional', MaxInputBytesPerBatch: 'optional', BatchInput: 'optional' } as const;
const WRITER_FIELDS = { Resource: 'optional', Arguments: 'optional', WriterConfig: 'optional' } as const;
const WRITER_CONFIG_FIELDS = { Transformation: 'optional', OutputType: 'optional' } as const;

const READERS = ['s3:getObject', 's3:listObjectsV2'];
const WRITERS = ['s3:putObject'];

/** What a Label may not have, beside control characters and blanks. */
const LABEL = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,40}$/u;

/** What a Distributed Map has that this engine does not implement. `s3` tells whether there is an S3 to read from and write to. */
export function distributedProblems(state: Json, s3: boolean): string[] {
  const { ItemReader: reader, ItemBatcher: batcher, ResultWriter: writer, Label: label } = state;
  const config = (state.ItemProcessor as Json).ProcessorConfig as Json;
  const withoutS3 = (field: string) => (s3 ? [] : [`field '${field}' needs an S3; give the execution one with the option 's3'`]);
  return [
    ...within('ItemProcessor: ProcessorConfig', [
      ...fieldProblems(config, CONFIG_FIELDS),
      ...oneOf(config, 'ExecutionType', ['STANDARD', 'EXPRESS']),
    ]),
    ...(reader === undefined ? [] : [...withoutS3('ItemReader'), ...within('ItemReader', readerProblems(reader as Json))]),
    ...(batcher === undefined ? [] : within('ItemBatcher', batcherProblems(batcher as Json))),
    ...(writer === undefined ? [] : within('ResultWriter', writerProblems(writer as Json))),
    ...((writer as Json | undefined)?.Resource === undefined ? [] : withoutS3('ResultWriter')),
    ...(label === undefined || LABEL.test(String(label))
      ? []
      : [`label ${JSON.stringify(label)} must have 1 to 40 letters, digits, '-', '_' or the like`]),
  ];
}

function readerProblems(reader: Json): string[] {
  const { ReaderConfig: config = {}, Resource } = reader as { ReaderConfig?: Json; Resource?: unknown };
  const lists = String(Resource).endsWith(':listObjectsV2');
  return [
    ...fieldProblems(reader, READER_FIELDS),
    ...resourceProblems(Resource, READERS),
    ...within('ReaderConfig', [
      ...fieldProblems(config, lists ? { MaxItems: 'optional' } : { ...READER_CONFIG_FIELDS, InputType: 'required' }),
      ...oneOf(config, 'InputType', ['CSV', 'JSON', 'JSONL', 'MANIFEST']),
      ...oneOf(config, 'CSVHeaderLocation', ['FIRST_ROW', 'GIVEN']),
      ...oneOf(config, 'CSVDelimiter', ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB']),
      ...(config.InputType === 'CSV' && config.CSVHeaderLocation === undefined ? [`field 'CSVHeaderLocation' is missing`] : []),
      ...((config.CSVHeaderLocation === 'GIVEN') === Array.isArray(config.CSVHeaders) ? [] : [`'CSVHeaders' goes with "CSVHeaderLocation": "GIVEN"`]),
    ]),
  ];
}

function batcherProblems(batcher: Json): string[] {
  const limited = batcher.MaxItemsPerBatch !== undefined || batcher.MaxInputBytesPerBatch !== undefined;
  return [...fieldProblems(batcher, BATCHER_FIELDS), ...(limited ? [] : [`must have 'MaxItemsPerBatch' or 'MaxInputBytesPerBatch'`])];
}

function writerProblems(writer: Json): string[] {
  const { WriterConfig: config = {}, Resource, Arguments } = writer as { WriterConfig?: Json; Resource?: unknown; Arguments?: unknown };
  const exports = Resource !== undefined;
  return [
    ...fieldProblems(writer, WRITER_FIELDS),
    ...resourceProblems(Resource, WRITERS),
    ...(exports === (Arguments !== undefined) ? [] : [`'Resource' and 'Arguments' go together`]),
    ...(exports || writer.WriterConfig !== undefined ? [] : [`must have 'Resource' or 'WriterConfig'`]),
    ...within('WriterConfig', [
      ...fieldProblems(config, WRITER_CONFIG_FIELDS),
      ...oneOf(config, 'Transformation', ['NONE', 'COMPACT', 'FLATTEN']),
      ...oneOf(config, 'OutputType', exports ? ['JSON', 'JSONL'] : ['JSON']),
    ]),
  ];
}

function oneOf(object: Json, field: string, allowed: readonly string[]): string[] {
  const value = object[field];
  if (value === undefined || allowed.includes(value as string)) return [];
  return [`'${field}' ${JSON.stringify(value)} is not implemented; ${allowed.join(', ')} ${allowed.length === 1 ? 'is' : 'are'}`];
}

function resourceProblems(resource: unknown, allowed: readonly string[]): string[] {
  const [, action = ''] = /^arn:[^:]+:states:[^:]*:[^:]*:(.*)$/.exec(String(resource)) ?? [];
  if (resource === undefined || allowed.includes(action)) return [];
  return [`resource ${JSON.stringify(resource)} is not implemented; arn:aws:states:::${allowed.join(' and arn:aws:states:::')} can be`];
}

function within(what: string, problems: string[]): string[] {
  return problems.map((problem) => `${what}: ${problem}`);
}
