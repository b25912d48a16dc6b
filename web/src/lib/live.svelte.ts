/** The one polite live region: what changed, in a sentence, after each change of the question. */
export const live = $state({ text: '' });
