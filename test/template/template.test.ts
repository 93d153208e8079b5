import { Template, type TemplateSource } from '../../lib/template/template';

const environment = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const template = (source: TemplateSource) => new Template('Orders', source, environment);
const resolve = (value: unknown, source: TemplateSource = {}) => template(source).resolve(value, 'here');

const resources: TemplateSource = {
  Resources: {
    Fn: { Type: 'AWS::Lambda::Function', Properties: {} },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { 'Fn::Sub': '${AWS::StackName}-alerts' } } },
    Bucket: { Type: 'AWS::S3::Bucket' },
    Db: { Type: 'AWS::RDS::DBInstance' },
    Attachment: { Type: 'AWS::SecretsManager::SecretTargetAttachment', Properties: { SecretId: { Ref: 'Secret' } } },
    Secret: { Type: 'AWS::SecretsManager::Secret' },
    Strange: { Type: 'Custom::Strange' },
  },
};

describe('references', () => {
  test('Ref gives what each type answers: a name, an ARN or a lower-case bucket name', () => {
    expect(resolve({ Ref: 'Fn' }, resources)).toBe('Orders-Fn');
    expect(resolve({ Ref: 'Topic' }, resources)).toBe('arn:aws:sns:us-east-1:000000000000:Orders-alerts');
    expect(resolve({ Ref: 'Bucket' }, resources)).toBe('orders-bucket');
  });

  test('GetAtt takes the list and the dotted form', () => {
    expect(resolve({ 'Fn::GetAtt': ['Fn', 'Arn'] }, resources)).toBe('arn:aws:lambda:us-east-1:000000000000:function:Orders-Fn');
    expect(resolve({ 'Fn::GetAtt': 'Db.Endpoint.Port' }, resources)).toBe('5432');
  });

  test('an attachment is its secret', () => {
    expect(resolve({ Ref: 'Attachment' }, resources)).toBe(resolve({ Ref: 'Secret' }, resources));
  });

  test('ids stay the same from one reading to the next and differ between resources', () => {
    expect(resolve({ Ref: 'Secret' }, resources)).toBe(resolve({ Ref: 'Secret' }, resources));
    expect(resolve({ Ref: 'Secret' }, resources)).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:Orders-Secret-[0-9a-f]{6}$/);
  });

  test('an unknown attribute is an error that names the resource, what is known and where to add it', () => {
    expect(() => resolve({ 'Fn::GetAtt': ['Topic', 'Colour'] }, resources)).toThrow(
      "stack 'Orders', here: attribute 'Colour' of 'Topic' (AWS::SNS::Topic) is not known, known are: TopicArn, TopicName; add it in lib/template/physical.ts",
    );
  });

  test('an unknown type and an unknown id are errors', () => {
    expect(() => resolve({ Ref: 'Strange' }, resources)).toThrow("no local name is known for 'Strange' (Custom::Strange)");
    expect(() => resolve({ Ref: 'Nobody' }, resources)).toThrow("'Nobody' is neither a resource nor a parameter");
  });

  test('a name that leads back to itself is an error', () => {
    const source = {
      Resources: {
        A: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'B' } } },
        B: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'A' } } },
      },
    };
    expect(() => resolve({ Ref: 'A' }, source)).toThrow('A.TopicName: refers to itself');
  });

  test.each([
    ['AWS::AccountId', '000000000000'],
    ['AWS::Region', 'us-east-1'],
    ['AWS::Partition', 'aws'],
    ['AWS::StackName', 'Orders'],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ])('%s is %s', (pseudo, value) => expect(resolve({ Ref: pseudo })).toBe(value));

  test('a parameter is its default; without one it is an error', () => {
    const source = { Parameters: { Size: { Type: 'String', Default: 'small' }, Owner: { Type: 'String' } } };
    expect(resolve({ Ref: 'Size' }, source)).toBe('small');
    expect(() => resolve({ Ref: 'Owner' }, source)).toThrow("parameter 'Owner' has no default");
  });
});

describe('functions', () => {
  test.each<[string, unknown, unknown]>([
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 'b']] }, 'a-us-east-1-b'],
    ['Select', { 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    ['Split', { 'Fn::Select': ['2', { 'Fn::Split': [':', 'x:y:z'] }] }, 'z'],
    ['Sub', { 'Fn::Sub': 'in ${AWS::Region}, not ${!this}' }, 'in us-east-1, not ${this}'],
    ['Sub with variables', { 'Fn::Sub': ['${who}@${AWS::Region}', { who: { Ref: 'AWS::StackName' } }] }, 'Orders@us-east-1'],
    ['GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'us-east-1a'],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['nothing', { deep: [{ value: 1 }, null, true] }, { deep: [{ value: 1 }, null, true] }],
  ])('%s', (_, value, expected) => expect(resolve(value)).toEqual(expected));

  const conditions: TemplateSource = {
    Conditions: {
      Yes: { 'Fn::Equals': ['a', 'a'] },
      No: { 'Fn::Not': [{ Condition: 'Yes' }] },
      Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
      One: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    },
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Condition: 'No' }, Kept: { Type: 'AWS::SNS::Topic', Condition: 'One' } },
    Mappings: { Sizes: { small: { cpu: 1 } } },
  };

  test.each([
    ['Yes', 1],
    ['No', 2],
    ['Both', 2],
    ['One', 1],
  ])('If %s chooses %d', (name, expected) => expect(resolve({ 'Fn::If': [name, 1, 2] }, conditions)).toBe(expected));

  test('NoValue takes a property or an element away', () => {
    expect(resolve({ a: { Ref: 'AWS::NoValue' }, b: [{ 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] }, 2] }, conditions)).toEqual({ b: [2] });
  });

  test('resources whose condition is false are not deployed', () => {
    expect(template(conditions).resources('AWS::SNS::Topic')).toHaveLength(1);
    expect(() => resolve({ Ref: 'Topic' }, conditions)).toThrow("'Topic' is not deployed, its condition 'No' is false");
  });

  test('an IAM condition is no intrinsic', () => {
    expect(resolve({ Condition: { Bool: { secure: 'true' } } })).toEqual({ Condition: { Bool: { secure: 'true' } } });
  });

  test('FindInMap looks up, and says so when there is nothing', () => {
    expect(resolve({ 'Fn::FindInMap': ['Sizes', 'small', 'cpu'] }, conditions)).toBe(1);
    expect(() => resolve({ 'Fn::FindInMap': ['Sizes', 'large', 'cpu'] }, conditions)).toThrow('mapping Sizes.large.cpu does not exist');
  });

  test('ImportValue and anything unknown is refused by name', () => {
    expect(() => resolve({ 'Fn::ImportValue': 'other' })).toThrow('Fn::ImportValue cannot be answered in a local run');
    expect(() => resolve({ 'Fn::Cidr': ['10.0.0.0/16', 2] })).toThrow('Fn::Cidr cannot be answered');
  });
});
