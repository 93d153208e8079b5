import { Choice, Condition, type INextable, QueryLanguage, type State, type StateGraph, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { jsonata } from '../private/jsonata';

/** The cursor that the invocation before answered, in the input of the state that goes on with it; null in the first. */
export const LOOP_CURSOR = '$exists($states.input.cursor.progress) ? $states.input.cursor : null';

/**
 * Invokes the extract function again until it is done.
 *
 * At run time one transition an invocation looks at the answer: `{ done: false, cursor }` goes back to the function, anything else is the dataset.
 * Where nothing follows, the run succeeds.
 */
export class ExtractLoop extends Choice {
  /** The end of the loop, for what follows. */
  public readonly end: INextable;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: { readonly invoke: State & INextable; readonly step: string; readonly comment: string },
  ) {
    super(scope, id, { queryLanguage: QueryLanguage.JSONATA, comment: props.comment, assign: { dataset: jsonata('$states.input') } });
    this.end = { next: (state) => this.otherwise(state).afterwards() };
    props.invoke.next(this);
    this.when(Condition.jsonata(jsonata('$states.input.done = false')), props.invoke);
  }

  protected override whenBoundToGraph(graph: StateGraph): void {
    if (!this.defaultChoice) {
      const { step, comment } = this.props;
      this.otherwise(Succeed.jsonata(this, 'Extracted', { stateName: `${step}: Extracted`, comment }));
    }
    super.whenBoundToGraph(graph);
  }
}
