import { failingStates } from '../../lib/asl/failing';

const task = (next?: string, rest: object = {}) => ({ Type: 'Task', ...(next === undefined ? { End: true } : { Next: next }), ...rest });
const caught = (next: string) => ({ Catch: [{ ErrorEquals: ['States.ALL'], Next: next }] });

const definition = {
  StartAt: 'Work',
  States: {
    Work: task('Which?', caught('Tell')),
    'Which?': { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Refuse' }], Default: 'Both' },
    Refuse: task('Refused'),
    Refused: { Type: 'Fail' },
    Both: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Left',
          States: {
            Left: task('Left over', caught('Left tell')),
            'Left tell': task('Left failed'),
            'Left failed': { Type: 'Fail' },
            'Left over': { Type: 'Succeed' },
          },
        },
      ],
      ...caught('Tell all'),
      Next: 'Notify',
    },
    Notify: task(undefined, caught('Tell')),
    Tell: task('Failed', caught('Notify')),
    Failed: { Type: 'Fail' },
    'Tell all': { Type: 'Map', ItemProcessor: { StartAt: 'Tell one', States: { 'Tell one': task() } }, Next: 'Failed' },
  },
};

test('a run can only fail from a state whose every way ends in a Fail state, inside containers of which that holds, too', () => {
  expect([...failingStates(definition)].sort()).toEqual(['Failed', 'Left failed', 'Left tell', 'Refuse', 'Refused', 'Tell', 'Tell all', 'Tell one']);
});
