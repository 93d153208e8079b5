import { TaskError, type TaskRequest } from '../../engine';

/** What a call publishes, in the form in which SNS gets it. */
export interface Publication {
  readonly topic: string;
  readonly subject?: string;
  readonly message: string;
}

/** What a call of `sns:publish` says, refused where SNS would refuse it. */
export function publicationOf({ arguments: args }: TaskRequest): Publication {
  const { TopicArn, TargetArn, PhoneNumber, Message, Subject } = (args ?? {}) as Readonly<Record<string, unknown>>;
  const topic = TopicArn ?? TargetArn ?? PhoneNumber;
  const message = typeof Message === 'string' || Message === undefined ? Message : JSON.stringify(Message);
  if (typeof topic !== 'string') throw refused('TopicArn is missing');
  if (!message) throw refused('Empty message');
  if (Subject === undefined) return { topic, message };
  // Printable ASCII on one line, not starting with white space.
  if (typeof Subject !== 'string' || !/^[!-~][ -~]{0,98}$/.test(Subject))
    throw refused('Subject must be fewer than 100 printable ASCII characters on one line');
  return { topic, subject: Subject, message };
}

function refused(reason: string): TaskError {
  return new TaskError('SNS.InvalidParameterException', `Invalid parameter: ${reason}`);
}
