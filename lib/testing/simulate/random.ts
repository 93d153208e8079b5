/** Numbers in [0, 1) that look random and are the same in every run (a linear congruential generator; the constants are those of Numerical Recipes). */
export function repeatable(): () => number {
  let state = 1;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
