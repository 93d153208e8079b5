"""Glue job of the Parquet step: converts a dataset of JSON Lines into a dataset of Parquet.

    --source_manifest s3://bucket/key       manifest of the dataset to convert
    --output          s3://bucket/prefix    where the parts, manifest.json and, last, dataset.json go
    --partition_by    column,column         optional: one folder per value of these columns

Every line is a JSON object with exactly the columns of the manifest's schema; every value is text in PostgreSQL's form, or null. Types come
from that schema and are never inferred. A value that is not exactly of its column's type fails the job. Messages name columns and counts,
never values. Written for AWS Glue 5.1 (Spark 3.5, Python 3.11); runs on plain PySpark as well. The exceptions' names are those of the
handlers, so that an alert reads the same whichever step failed.
"""

import argparse
import json
import re
import sys
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from py4j.protocol import Py4JJavaError
from pyspark.errors.exceptions.captured import CapturedException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'
LISTED = 10
MEBIBYTE = 1024 * 1024

SETTINGS = {
    # COPY reads INT64 timestamps only where they carry the older annotation TIMESTAMP_MICROS; INT96 is deprecated.
    'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS',
    'spark.sql.session.timeZone': 'UTC',
    # PostgreSQL and Redshift count days in the proleptic Gregorian calendar, as Parquet demands.
    'spark.sql.parquet.datetimeRebaseModeInWrite': 'CORRECTED',
    'spark.sql.parquet.compression.codec': 'snappy',
    'spark.sql.parquet.writeLegacyFormat': 'false',
    'spark.sql.caseSensitive': 'true',
    # The messages of ANSI errors quote values; try_cast is as strict and says nothing.
    'spark.sql.ansi.enabled': 'false',
}

# The quantifiers are possessive because Java's other loops recurse, and a long text would overflow the stack.
_HEX = '[0-9a-fA-F]'
_ESCAPE = (
    r'\\(?:["\\/bfnrt]'
    # Neither the zero character, which no database stores as text, nor half a surrogate pair, which is no character.
    rf'|u(?:000[1-9a-fA-F]|00[1-9a-fA-F]{_HEX}|0[1-9a-fA-F]{_HEX}{{2}}|[1-9a-cA-CeEfF]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}})'
    rf'|u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}})'
)
_TEXT = rf'"(?:[^"\\\x00-\x1f]++|{_ESCAPE})*+"'
_MEMBER = rf'\s*+{_TEXT}\s*+:\s*+(?:{_TEXT}|null)\s*+'
LINE = rf'\A\s*+\{{(?:{_MEMBER}(?:,{_MEMBER})*+)?\}}\s*+\z'

_DATE = r'\d{4,6}-\d\d-\d\d'
_TIME = r'(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?'
INTEGER = r'-?\d+'
NUMBER = r'(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN)'


class InvalidInput(Exception):
    """The job was asked for something it cannot do."""


class CorruptInput(Exception):
    """The dataset is not what its manifest says."""


class Column:
    """A column of the dataset: how its text becomes a value. `source` is the column of the frame that holds the text."""

    def __init__(self, element, index):
        self.name = element['name']
        self.type = element['type']
        self.nullable = element['nullable']
        self.source = f'c{index}'
        self.pattern, self.spark_type = self._parse(self.type)

    @staticmethod
    def _parse(text):
        """What the text must look like (None: anything) and the Spark type it is cast to."""
        plain = {
            'smallint': (INTEGER, 'smallint'),
            'integer': (INTEGER, 'int'),
            'bigint': (INTEGER, 'bigint'),
            'real': (NUMBER, 'float'),
            'double precision': (NUMBER, 'double'),
            'boolean': ('[tf]', 'boolean'),
            'date': (_DATE, 'date'),
            # COPY has no TIME in Parquet and neither has Spark: it stays text.
            'time': (rf'(?:{_TIME}|24:00:00(?:\.0{{1,6}})?)', 'string'),
            # Also written as instants, in UTC: COPY misreads, without an error, an INT64 that is annotated as local time in the newer way only.
            'timestamp': (rf'{_DATE} {_TIME}', 'timestamp'),
            'timestamptz': (rf'{_DATE} {_TIME}[+-]\d\d(?::\d\d(?::\d\d)?)?', 'timestamp'),
        }
        if text in plain:
            return plain[text]
        if match := re.fullmatch(r'decimal\((\d+),(\d+)\)', text):
            precision, scale = int(match[1]), int(match[2])
            if 1 <= precision <= 38 and scale <= precision:
                return rf'-?\d+(?:\.\d{{0,{scale}}}0*)?', text
        elif match := re.fullmatch(r'varchar\((\d+)\)', text):
            return None, 'string'
        raise InvalidInput(f"column type '{text}' is not known or out of range; run the step that wrote the dataset with the same release")

    def value(self):
        """The typed value, NULL where the text is not one."""
        text = F.col(self.source)
        if self.spark_type == 'string':
            value = text
        else:
            value = F.expr(f'try_cast({self.source} as {self.spark_type})')
        return F.when(self._fits(text, value), value)

    def _fits(self, text, value):
        fits = F.lit(True) if self.pattern is None else text.rlike(rf'\A{self.pattern}\z')
        if self.type.startswith('varchar'):
            fits = F.octet_length(text) <= int(self.type[8:-1])
        if self.spark_type in ('float', 'double'):
            fits = fits & ((F.abs(value) != F.lit(float('inf'))) | text.endswith('Infinity'))
        return fits

    def misfits(self):
        return F.count(F.when(F.col(self.source).isNotNull() & self.value().isNull(), 1))

    def nulls(self):
        return F.count(F.when(F.col(self.source).isNull(), 1)) if not self.nullable else F.lit(0)


class Storage:
    """S3 objects by url. A local run gives `convert` another one, whose objects are files."""

    def __init__(self):
        self.client = boto3.client('s3')
        # One request copies at most 5 GiB; beyond this size the copy is made in pieces, at the same time.
        self.transfer = TransferConfig(multipart_threshold=256 * MEBIBYTE, multipart_chunksize=256 * MEBIBYTE)

    @staticmethod
    def _address(url):
        match = re.fullmatch(r's3://([^/]+)/(.+)', url, re.DOTALL)
        if not match:
            raise InvalidInput(f"'{url}' is not the url of an s3 object; write s3://bucket/key")
        return {'Bucket': match[1], 'Key': match[2]}

    def path(self, url):
        """Where Spark finds the object."""
        return url

    def read(self, url):
        return self.client.get_object(**self._address(url))['Body'].read()

    def write(self, url, value):
        body = json.dumps(value, ensure_ascii=False).encode()
        self.client.put_object(**self._address(url), Body=body, ContentType='application/json')

    def size(self, url):
        """None when there is no such object."""
        try:
            return self.client.head_object(**self._address(url))['ContentLength']
        except ClientError as error:
            if error.response['Error']['Code'] in ('404', 'NoSuchKey', 'NotFound'):
                return None
            raise

    def list(self, prefix):
        """Url and size of every object below a prefix."""
        address = self._address(prefix)
        pages = self.client.get_paginator('list_objects_v2').paginate(Bucket=address['Bucket'], Prefix=address['Key'])
        return {f"s3://{address['Bucket']}/{entry['Key']}": entry['Size'] for page in pages for entry in page.get('Contents', [])}

    def copy(self, source, target):
        self.client.copy(self._address(source), **self._address(target), Config=self.transfer)

    def delete(self, url):
        self.client.delete_object(**self._address(url))


def listing(items):
    more = f' and {len(items) - LISTED} more' if len(items) > LISTED else ''
    return ', '.join(items[:LISTED]) + more


def in_parallel(task, items):
    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(task, items))


def read_manifest(storage, url):
    try:
        manifest = json.loads(storage.read(url))
        entries, elements, form = manifest['entries'], manifest['schema']['elements'], manifest['format']
    except (ValueError, KeyError, TypeError):
        raise CorruptInput(f"'{url}' is not a manifest: it needs entries, format and schema; run the step that wrote it again") from None
    if form != 'jsonl':
        raise InvalidInput(f"the Parquet job reads format 'jsonl', got '{form}'; put a LambdaClean before GlueParquet")
    columns = [Column(element, index) for index, element in enumerate(elements)]
    if not columns:
        raise InvalidInput('the dataset has no columns; extract at least one')
    seen = {}
    for column in columns:
        twin = seen.setdefault(column.name.lower(), column)
        if twin is not column:
            raise InvalidInput(f"columns '{twin.name}' and '{column.name}' differ in case only, which Redshift does not tell apart; exclude one")
    return entries, columns, elements


def partition_columns(names, columns):
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in by_name:
            known = listing([f"'{column.name}'" for column in columns])
            raise InvalidInput(f"partition column '{name}' is not in the dataset; its columns are {known}")
        if not re.match('smallint|integer|bigint|boolean|date|varchar', by_name[name].type):
            raise InvalidInput(f"partition column '{name}' is {by_name[name].type}; partition by smallint, integer, bigint, boolean, date or varchar")
        if names.count(name) > 1:
            raise InvalidInput(f"partition column '{name}' is named twice; name it once")
    return [by_name[name] for name in names]


def check_lengths(storage, entries):
    for entry, size in zip(entries, in_parallel(lambda entry: storage.size(entry['url']), entries)):
        expected = entry['meta']['content_length']
        if size is None:
            raise CorruptInput(f"part '{entry['url']}' is missing; run the step that wrote it again")
        if size != expected:
            raise CorruptInput(f"part '{entry['url']}' has {size} bytes, its manifest says {expected}; run the step that wrote it again")


def read_rows(spark, storage, entries, columns):
    """A row per line: its text values as c0, c1, ..., whether the line is well formed, and the file it is from."""
    paths = [re.sub(r'([\\{}\[\]*?])', r'\\\1', storage.path(entry['url'])) for entry in entries]
    schema = StructType([StructField(column.name, StringType()) for column in columns])
    names = F.array(*[F.lit(column.name) for column in columns])
    line, keys = F.col('value'), F.json_object_keys('value')
    well_formed = (
        (F.encode(line, 'UTF-8') == line.cast('binary'))
        & line.rlike(LINE)
        & (F.size(keys) == len(columns))
        & (F.size(F.array_intersect(keys, names)) == len(columns))
    )
    return (
        spark.read.text(paths, lineSep='\n')
        .select(F.from_json(line, schema).alias('row'), F.coalesce(well_formed, F.lit(False)).alias('well_formed'), F.input_file_name().alias('file'))
        .select('well_formed', 'file', *[F.col('row').getField(column.name).alias(column.source) for column in columns])
    )


def by_file(storage, rows):
    """Looks up, by the url of a file, what rows of (file, count, ...) tell of it; None where they do not name it."""
    # Spark encodes the name of a file as a url does, and writes file:/x for what is also written file:///x.
    bare = lambda path: re.sub(r'^\w+:/+', '', path).lstrip('/')
    found = {bare(urllib.parse.unquote(row[0])): row[1:] for row in rows}
    return lambda url: found.get(bare(storage.path(url)))


def check_rows(storage, rows, entries, columns):
    """Refuses lines, counts and values that are not what the manifest says."""
    counts = [F.count('*'), F.count(F.when(~F.col('well_formed'), 1))]
    for column in columns:
        counts += [column.misfits(), column.nulls()]
    found = by_file(storage, rows.groupBy('file').agg(*counts).collect())
    parts = [(entry, found(entry['url']) or (0,) * len(counts)) for entry in entries]
    for entry, (records, malformed, *_) in parts:
        if malformed:
            raise CorruptInput(
                f"{malformed} of {records} lines of part '{entry['url']}' are not a JSON object of exactly the schema's columns, each text or null; "
                'let the step before write such lines'
            )
        expected = entry['meta']['record_count']
        if records != expected:
            raise CorruptInput(f"part '{entry['url']}' has {records} records, its manifest says {expected}; run the step that wrote it again")
    totals = [sum(part[index] for _, part in parts) for index in range(len(counts))]
    misfits = [f"'{column.name}' {column.type}: {count}" for column, count in zip(columns, totals[2::2]) if count]
    if misfits:
        raise CorruptInput(f'values that are not of the type of their column, by column: {listing(misfits)}; cast or reject them in LambdaClean')
    nulls = [f"'{column.name}': {count}" for column, count in zip(columns, totals[3::2]) if count]
    if nulls:
        raise CorruptInput(f'nulls in columns that have none, by column: {listing(nulls)}; reject them in LambdaClean with CleanRule.required')
    return totals[0]


def folder(column):
    """Value of a column as it stands in the name of its folder: only characters that no reader and no url takes for something else."""
    text = column.value().cast('string')
    if column.type == 'date':
        # Spark writes years beyond 9999 with a sign.
        text = F.replace(text, F.lit('+'), F.lit(''))
    text = F.url_encode(text)
    for form_encoded, percent_encoded in (('+', '%20'), ('*', '%2A'), ('%7E', '~')):
        text = F.replace(text, F.lit(form_encoded), F.lit(percent_encoded))
    # Hive has no empty partition value either.
    return F.when(F.length(text) > 0, text).otherwise(F.lit(NULL_PARTITION))


def write_parts(spark, rows, columns, partitions, path):
    # Longer than any column's name, so that it is none of them.
    prefix = 'p' * (1 + max(len(column.name) for column in columns))
    helpers = [f'{prefix}{index}' for index in range(len(partitions))]
    frame = rows.select(
        *[column.value().alias(column.name) for column in columns],
        *[folder(column).alias(helper) for column, helper in zip(partitions, helpers)],
    )
    if helpers:
        # A few files of even size a folder, instead of one for each task and folder.
        frame = spark.sql(f"SELECT /*+ REBALANCE({', '.join(helpers)}) */ * FROM {{frame}}", frame=frame)
    frame.write.option('mapreduce.fileoutputcommitter.marksuccessfuljobs', 'false').partitionBy(*helpers).parquet(path)


def publish_parts(spark, storage, stage, output, partitions):
    """Gives what Spark wrote its place and name, and answers the entries of the manifest."""
    files = spark.read.option('recursiveFileLookup', True).parquet(storage.path(stage))
    records = by_file(storage, files.groupBy(F.input_file_name()).count().collect())
    staged = storage.list(f'{stage}/')
    used = {}
    moves = []
    for source in sorted(staged):
        if found := records(source):
            # The value is url-encoded already; all that Spark still encodes in it is the percent sign.
            values = [name.split('=', 1)[1].replace('%25', '%') for name in source[len(stage) + 1 :].split('/')[:-1]]
            folders = [f'{urllib.parse.quote(column.name, safe="")}={value}' for column, value in zip(partitions, values)]
            place = '/'.join([output, *folders])
            used[place] = used.get(place, -1) + 1
            moves.append((source, f'{place}/part-{used[place]:05d}.parquet', found[0]))
    in_parallel(lambda move: storage.copy(move[0], move[1]), moves)
    return [
        {'url': target, 'mandatory': True, 'meta': {'content_length': staged[source], 'record_count': count}}
        for source, target, count in sorted(moves, key=lambda move: move[1])
    ]


def convert(spark, storage, source_manifest, output, partition_by):
    entries, columns, elements = read_manifest(storage, source_manifest)
    partitions = partition_columns(partition_by, columns)
    check_lengths(storage, entries)
    total, parts = 0, []
    if entries:
        rows = read_rows(spark, storage, entries, columns)
        total = check_rows(storage, rows, entries, columns)
    if total:
        # A copy within S3 buys names and folders that Spark cannot give, and a prefix that holds what the manifest says and nothing else.
        stage = f'{output}/_{uuid.uuid4().hex}'
        try:
            write_parts(spark, rows, columns, partitions, storage.path(stage))
            parts = publish_parts(spark, storage, stage, output, partitions)
        finally:
            in_parallel(storage.delete, storage.list(f'{stage}/'))
    written = sum(part['meta']['record_count'] for part in parts)
    if written != total:
        raise RuntimeError(f'read {total} records but wrote {written}; run the step again')
    length = sum(part['meta']['content_length'] for part in parts)
    manifest = f'{output}/manifest.json'
    storage.write(
        manifest,
        {'entries': parts, 'meta': {'content_length': length, 'record_count': total}, 'format': 'parquet', 'schema': {'elements': elements}},
    )
    storage.write(f'{output}/dataset.json', {'manifest': manifest, 'format': 'parquet', 'recordCount': total, 'parts': len(parts)})


def describe(cause):
    """What went wrong in the JVM, without the messages of Spark's own errors: they may quote rows."""
    chain = []
    while cause is not None and len(chain) < LISTED:
        name = cause.getClass().getName()
        told = re.match(r'java\.(io|nio|net)\.|com\.amazonaws\.|software\.amazon\.|org\.apache\.hadoop\.', name)
        chain.append(f'{name}: {cause.getMessage()}' if told else name)
        cause = cause.getCause()
    return ' <- '.join(chain)


def main(arguments):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument('--source_manifest', required=True)
    parser.add_argument('--output', required=True)
    parser.add_argument('--partition_by', default='')
    # Glue adds arguments of its own.
    options, _ = parser.parse_known_args(arguments)
    spark = SparkSession.builder.appName('parquet').getOrCreate()
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    try:
        partition_by = [name for name in options.partition_by.split(',') if name]
        convert(spark, Storage(), options.source_manifest, options.output.rstrip('/'), partition_by)
    except Py4JJavaError as error:
        raise RuntimeError(f'Spark failed: {describe(error.java_exception)}') from None
    except CapturedException as error:
        raise RuntimeError(f'Spark failed: {type(error).__name__} {error.getErrorClass() or ""}') from None


if __name__ == '__main__':
    main(sys.argv[1:])
