import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { AwsError, asAwsError, notEmulated } from './error';
import { readText, type Service } from './http';
import { writeXml } from './xml';

/** A message as a topic got it, and as a line of `sns.jsonl` holds it. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly publishedAt: string;
}

/** What is published. */
export type Publication = Pick<PublishedMessage, 'topicArn' | 'subject' | 'message' | 'attributes'>;

const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_SUBJECT = 99;
const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

const invalid = (why: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${why}`);

/** Topics whose messages go to a file, one JSON object a line, and to a function. */
export class Topics {
  constructor(
    private readonly arns: Iterable<string>,
    private readonly file: string,
    private readonly onPublish: (message: PublishedMessage) => void,
  ) {}

  /** Publishes after the checks that SNS makes. Only topics that were named exist. */
  async publish(publication: Publication): Promise<PublishedMessage> {
    const { topicArn, subject, message } = publication;
    if (![...this.arns].includes(topicArn)) throw new AwsError('NotFound', 'Topic does not exist', 404);
    if (topicArn.endsWith('.fifo')) throw notEmulated('FIFO topics');
    if (message === '') throw invalid('Empty message');
    if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) throw invalid('Message too long');
    if (subject !== undefined && (subject === '' || Array.from(subject).length > MAX_SUBJECT || Array.from(subject).some((char) => char < ' '))) {
      throw invalid('Subject');
    }
    const published = { messageId: randomUUID(), ...publication, publishedAt: new Date().toISOString() };
    await appendFile(this.file, `${JSON.stringify(published)}\n`);
    this.onPublish(published);
    return published;
  }
}

/** The attributes of a message in the query protocol: `MessageAttributes.entry.1.Name`, `.Value.StringValue`. */
function attributesOf(form: URLSearchParams): Record<string, string> | undefined {
  const attributes: Record<string, string> = {};
  for (let index = 1; form.has(`MessageAttributes.entry.${index}.Name`); index++) {
    const value = form.get(`MessageAttributes.entry.${index}.Value.StringValue`);
    if (value === null) throw notEmulated('message attributes that are not strings');
    attributes[form.get(`MessageAttributes.entry.${index}.Name`)!] = value;
  }
  return Object.keys(attributes).length > 0 ? attributes : undefined;
}

/** Answers Publish of SNS. */
export function snsService(topics: Topics, root: string): Service {
  return async (message, response) => {
    response.setHeader('content-type', 'text/xml');
    try {
      const form = new URLSearchParams(await readText(message));
      const action = form.get('Action');
      if (action !== 'Publish') throw notEmulated(`the SNS operation ${action ?? '(none)'}`);
      const topicArn = form.get('TopicArn') ?? form.get('TargetArn');
      if (topicArn === null || form.has('MessageStructure')) throw notEmulated('SNS Publish without a topic, or with MessageStructure');
      const attributes = attributesOf(form);
      const subject = form.get('Subject') ?? undefined;
      const { messageId } = await topics.publish({
        topicArn,
        message: form.get('Message') ?? '',
        ...(subject !== undefined && { subject }),
        ...(attributes && { attributes }),
      });
      response.end(writeXml('PublishResponse', { PublishResult: { MessageId: messageId }, ResponseMetadata: { RequestId: messageId } }, NAMESPACE));
    } catch (error) {
      const { code, message: text, status } = asAwsError(error, root);
      response.writeHead(status);
      response.end(writeXml('ErrorResponse', { Error: { Type: 'Sender', Code: code, Message: text }, RequestId: randomUUID() }, NAMESPACE));
    }
  };
}
