import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** What this browser was told last; only the look is kept here, nothing else of the console outlives the page. */
function kept(): Theme {
  const text = localStorage.getItem('theme') as Theme | null;
  return text !== null && themes.includes(text) ? text : 'system';
}

export const theme = signal<Theme>(kept());

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] as Theme;
}

effect(() => {
  const chosen = theme.value;
  localStorage.setItem('theme', chosen);
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
});
