import {
  calls,
  ends,
  FUNCTION,
  guide,
  machine,
  outputs,
  passes,
  RUN,
  type Subject,
  waits,
} from '../case.ts';

const CONTEXT = guide('Accessing execution data from the Context object');
const MOMENT = '/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z$/';

export const context: Subject = {
  subject: 'Context object',
  cases: [
    {
      name: 'Execution.Input is the execution’s, whatever the state’s is',
      source: CONTEXT,
      definition: machine({
        First: passes({ Output: 'other', Next: 'Out' }),
        Out: ends({ Output: '{% [$states.input, $states.context.Execution.Input.a] %}' }),
      }),
      input: { a: 1 },
      expect: { status: 'SUCCEEDED', output: ['other', 1] },
    },
    {
      name: 'Execution.Id is the ARN that ends in Execution.Name',
      source: CONTEXT,
      definition: outputs(
        "{% ($e := $states.context.Execution; $contains($e.Id, /^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:execution:/) and $split($e.Id, ':')[-1] = $e.Name) %}",
      ),
      expect: { status: 'SUCCEEDED', output: true },
    },
    {
      name: 'Execution.StartTime is a moment in ISO 8601, not after the state’s EnteredTime',
      source: CONTEXT,
      definition: outputs(
        `{% ($c := $states.context; $contains($c.Execution.StartTime, ${MOMENT}) and $toMillis($c.Execution.StartTime) <= $toMillis($c.State.EnteredTime)) %}`,
      ),
      expect: { status: 'SUCCEEDED', output: true },
    },
    {
      name: 'Execution.RoleArn names the role of the machine',
      source: CONTEXT,
      definition: outputs(
        '{% $contains($states.context.Execution.RoleArn, /^arn:aws[a-z-]*:iam::[0-9]{12}:role/) %}',
      ),
      expect: { status: 'SUCCEEDED', output: true },
    },
    {
      name: 'State.Name is the state’s own, and changes from state to state',
      source: CONTEXT,
      definition: machine({
        First: passes({ Output: '{% $states.context.State.Name %}', Next: 'Second one' }),
        'Second one': ends({ Output: '{% [$states.input, $states.context.State.Name] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: ['First', 'Second one'] },
    },
    {
      name: 'State.EnteredTime is that of the state, not of its evaluation',
      source: CONTEXT,
      definition: machine({
        Wait: {
          Type: 'Wait',
          Seconds: 1,
          Output: '{% $states.context.State.EnteredTime %}',
          Next: 'Out',
        },
        Out: ends({
          Output:
            '{% $toMillis($states.context.State.EnteredTime) - $toMillis($states.input) >= 900 %}',
        }),
      }),
      expect: { status: 'SUCCEEDED', output: true },
    },
    {
      name: 'State.RetryCount is 0 at first',
      source: CONTEXT,
      definition: machine({
        Call: calls({ do: 'echo', value: '{% $states.context.State.RetryCount %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 0 },
    },
    {
      name: 'State.RetryCount is seen by Arguments of a later try',
      source: CONTEXT,
      definition: machine({
        Call: calls(
          `{% $states.context.State.RetryCount < 2 ? {'do': 'throw', 'error': 'E'} : {'do': 'echo', 'value': $states.context.State.RetryCount} %}`,
          { Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 1, BackoffRate: 1 }] },
        ),
      }),
      expect: { status: 'SUCCEEDED', output: 2 },
    },
    {
      name: 'StateMachine.Id is the ARN that ends in StateMachine.Name',
      source: CONTEXT,
      definition: outputs(
        "{% ($m := $states.context.StateMachine; $contains($m.Id, ':stateMachine:') and $split($m.Id, ':')[-1] = $m.Name) %}",
      ),
      expect: { status: 'SUCCEEDED', output: true },
    },
    {
      name: 'Task.Token is text in the Arguments of a task that waits for it',
      source: CONTEXT,
      definition: machine({
        Wait: waits(
          { do: 'answer', with: [{ succeed: 'came' }] },
          {
            Arguments: {
              FunctionName: FUNCTION,
              Payload: "{% $merge([$states.input, {'token': $states.context.Task.Token}]) %}",
            },
          },
        ),
      }),
      input: { do: 'answer', with: [{ succeed: 'came' }] },
      expect: { status: 'SUCCEEDED', output: 'came' },
    },
    {
      name: 'there is no Task.Token in a task that waits for none',
      source: CONTEXT,
      definition: machine({
        Call: calls({ do: 'echo', value: '{% $exists($states.context.Task.Token) %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: false },
    },
    {
      name: 'there is no Map.Item outside a map',
      source: CONTEXT,
      definition: outputs('{% $exists($states.context.Map.Item) %}'),
      expect: { status: 'SUCCEEDED', output: false },
    },
    {
      name: 'is there in a catcher',
      source: CONTEXT,
      definition: machine({
        Call: calls(
          { do: 'throw', error: 'E', key: RUN },
          {
            Catch: [
              { ErrorEquals: ['E'], Output: '{% $states.context.State.Name %}', Next: 'Out' },
            ],
          },
        ),
        Out: ends(),
      }),
      expect: { status: 'SUCCEEDED', output: 'Call' },
    },
  ],
};
