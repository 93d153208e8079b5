import { AwsError, asAwsError, notEmulated } from './error';
import { readText, type Service, sendJson, sendJsonError } from './http';

/** Secrets by ARN or name; the value is what `SecretString` holds as JSON. */
export type Secrets = Readonly<Record<string, object>>;

const TARGET = 'secretsmanager.';
const CREATED = 0;

/** The name in an ARN, which ends with a hyphen and six characters that AWS draws. */
const nameOf = (id: string): string => /:secret:(.+)-[A-Za-z0-9]{6}$/.exec(id)?.[1] ?? id;

/** Answers GetSecretValue of Secrets Manager. The secrets are looked up at each call: one that is added later is there. */
export function secretsManagerService(secrets: Secrets, root: string): Service {
  return async (message, response) => {
    try {
      const operation = String(message.headers['x-amz-target'] ?? '').replace(TARGET, '');
      if (operation !== 'GetSecretValue') throw notEmulated(`the Secrets Manager operation ${operation}`);
      const { SecretId, VersionId, VersionStage, ...rest } = JSON.parse(await readText(message)) as Record<string, string>;
      if (VersionId !== undefined || (VersionStage ?? 'AWSCURRENT') !== 'AWSCURRENT' || Object.keys(rest).length > 0) {
        throw notEmulated('a version of a secret other than AWSCURRENT');
      }
      const id = Object.keys(secrets).find((known) => known === SecretId) ?? Object.keys(secrets).find((known) => nameOf(known) === SecretId);
      if (id === undefined) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      sendJson(response, {
        ARN: id,
        Name: nameOf(id),
        SecretString: JSON.stringify(secrets[id]),
        VersionId: '00000000-0000-4000-8000-000000000000',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: CREATED,
      });
    } catch (error) {
      sendJsonError(response, asAwsError(error, root));
    }
  };
}
