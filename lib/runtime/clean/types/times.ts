import type { Row } from '../row';

const SPACE = 0x20;
const PLUS = 0x2b;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const DATE_LENGTH = 10;
const SECONDS_LENGTH = 8;
const MICROSECOND_DIGITS = 6;
const LONGEST_TIME = 64;

/** `2024-02-29`, really a day of the calendar, years 0001 to 9999. A midnight without zone is a date too. */
export function date(row: Row, column: number): boolean {
  const start = row.start[column]!;
  if (row.end[column]! - start === DATE_LENGTH && isDate(row.bytes[column]!, start)) return true;
  const moment = parse(row, column);
  if (!moment || moment.zone !== undefined || moment.time !== '00:00:00') return false;
  row.set(column, moment.date);
  return true;
}

/** `23:59:59.999999`; 24:00 is not a time of day. */
export function time(row: Row, column: number): boolean {
  const end = row.end[column]!;
  if (endOfTime(row.bytes[column]!, row.start[column]!, end) === end) return true;
  const text = short(row, column);
  const match = text === undefined ? null : TIME.exec(text);
  const plain = match && timeText(match);
  if (!plain) return false;
  row.set(column, plain);
  return true;
}

/** `2024-02-29 23:59:59.999999`. A zone other than UTC would get lost, so it does not fit. */
export function timestamp(row: Row, column: number): boolean {
  const end = row.end[column]!;
  if (endOfTimestamp(row, column) === end) return true;
  const moment = parse(row, column);
  if (!moment || (moment.zone ?? 0) !== 0) return false;
  row.set(column, `${moment.date} ${moment.time}`);
  return true;
}

/** `2024-02-29 23:59:59.999999+00`: other zones are converted to UTC, and a text without zone is UTC, as everywhere in the pipeline. */
export function timestamptz(row: Row, column: number): boolean {
  const bytes = row.bytes[column]!;
  const end = row.end[column]!;
  const at = endOfTimestamp(row, column);
  if (end - at === 3 && bytes[at] === PLUS && bytes[at + 1] === ZERO && bytes[at + 2] === ZERO) return true;
  const moment = parse(row, column);
  const utc = moment && toUtc(moment);
  if (!utc) return false;
  row.set(column, utc);
  return true;
}

/** Where a timestamp in the plain form ends that starts where the value does; -1 when there is none. */
function endOfTimestamp(row: Row, column: number): number {
  const bytes = row.bytes[column]!;
  const start = row.start[column]!;
  const end = row.end[column]!;
  if (end - start < DATE_LENGTH + 1 + SECONDS_LENGTH || bytes[start + DATE_LENGTH] !== SPACE || !isDate(bytes, start)) return -1;
  return endOfTime(bytes, start + DATE_LENGTH + 1, end);
}

function isDate(bytes: Buffer, at: number): boolean {
  const high = twoDigits(bytes, at);
  const low = twoDigits(bytes, at + 2);
  if (high < 0 || low < 0 || bytes[at + 4] !== DASH || bytes[at + 7] !== DASH) return false;
  return isDay(high * 100 + low, twoDigits(bytes, at + 5), twoDigits(bytes, at + 8));
}

/** Where `HH:MM:SS` with up to six decimals and no trailing zero ends, -1 when it does not start here. */
function endOfTime(bytes: Buffer, start: number, end: number): number {
  if (end - start < SECONDS_LENGTH || bytes[start + 2] !== COLON || bytes[start + 5] !== COLON) return -1;
  if (!isTime(twoDigits(bytes, start), twoDigits(bytes, start + 3), twoDigits(bytes, start + 6))) return -1;
  let at = start + SECONDS_LENGTH;
  if (bytes[at] !== DOT || at >= end) return at;
  at++;
  const fraction = at;
  while (at < end && isDigit(bytes[at]!)) at++;
  const digits = at - fraction;
  return digits >= 1 && digits <= MICROSECOND_DIGITS && bytes[at - 1] !== ZERO ? at : -1;
}

const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?`;
const TIME = new RegExp(`^${CLOCK}$`);
const MOMENT = new RegExp(`^(\\d{4})-(\\d\\d)-(\\d\\d)(?:[T ]${CLOCK} ?(Z|[+-]\\d\\d(?::?\\d\\d)?)?)?$`, 'i');

interface Moment {
  readonly date: string;
  readonly time: string;
  /** Minutes east of UTC. */
  readonly zone?: number;
}

/** Reads any of the ISO 8601 forms that people write: T or a space, seconds or none, a zone in hours or hours and minutes. */
function parse(row: Row, column: number): Moment | undefined {
  const text = short(row, column);
  const match = text === undefined ? null : MOMENT.exec(text);
  if (!match || !isDay(Number(match[1]), Number(match[2]), Number(match[3]))) return undefined;
  const time = match[4] === undefined ? '00:00:00' : timeText(match.slice(3));
  const zone = match[8] === undefined ? undefined : zoneMinutes(match[8]);
  if (time === undefined || zone === null) return undefined;
  return { date: `${match[1]}-${match[2]}-${match[3]}`, time, zone };
}

function short(row: Row, column: number): string | undefined {
  return row.end[column]! - row.start[column]! > LONGEST_TIME ? undefined : row.binary(column);
}

/** The plain form of what {@link CLOCK} found in groups 1 to 4. */
function timeText(match: readonly (string | undefined)[]): string | undefined {
  const [, hour, minute, second = '00', decimals = ''] = match;
  const fraction = decimals.replace(/0+$/, '');
  if (!isTime(Number(hour), Number(minute), Number(second)) || fraction.length > MICROSECOND_DIGITS) return undefined;
  return `${hour}:${minute}:${second}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The minutes of `Z`, `+05`, `+05:30` or `+0530`; null past the 15:59 that PostgreSQL takes. */
function zoneMinutes(text: string): number | null {
  if (text.length === 1) return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(':', '') || '0');
  if (hours > 15 || minutes > 59) return null;
  return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function toUtc(moment: Moment): string | undefined {
  if (!moment.zone) return `${moment.date} ${moment.time}+00`;
  const [seconds, fraction] = moment.time.split('.');
  const instant = new Date(Date.parse(`${moment.date}T${seconds}Z`) - moment.zone * 60_000);
  const year = instant.getUTCFullYear();
  if (year < 1 || year > 9999) return undefined;
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')}${fraction === undefined ? '' : `.${fraction}`}+00`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

function isTime(hour: number, minute: number, second: number): boolean {
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** The number that two digits make, -1 when they are none. */
function twoDigits(bytes: Buffer, at: number): number {
  const high = bytes[at]! - ZERO;
  const low = bytes[at + 1]! - ZERO;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1;
}
