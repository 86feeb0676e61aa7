/** Codes of the reader's classes that are states of the USA, and the district. */
const unitedStates = new Set(
  (
    'AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX ' +
    'UT VA VT WA WI WV WY'
  ).split(' '),
);

/** Where a plate was issued: ISO 3166-2 in the USA (`US-MA`), ISO 3166-1 elsewhere (`DE`); never two letters that mean two places. */
export function regionOf(state: string): string {
  if (unitedStates.has(state)) return `US-${state}`;
  return state === 'DEU' ? 'DE' : state;
}

/** `US` holds `US-MA`. */
export const isWithin = (region: string, wider: string): boolean => region === wider || region.startsWith(`${wider}-`);
