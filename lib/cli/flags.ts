import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command';

/** Reads flags; one that is not among them is an error that points to `--help`. */
export function parseFlags<T extends NonNullable<ParseArgsConfig['options']>>(argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; --help lists the flags`);
  }
}

/** A number that is not negative. */
export function numberOf(flag: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new UsageError(`${flag} takes a number from 0, got '${text}'`);
}

/** `NAME=VALUE`, each by its name; the value may not have `=` in it. */
export function pairsOf(flag: string, texts: readonly string[] = []): [string, string][] {
  return texts.map((text) => {
    const at = text.lastIndexOf('=');
    if (at < 1) throw new UsageError(`${flag} takes NAME=VALUE, got '${text}'`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}
