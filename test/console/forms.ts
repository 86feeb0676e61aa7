import type { Locator, Page } from 'playwright-core';

/** What is typed, chosen or attached, by the label on the page. */
export type Filled = Readonly<Record<string, string>>;

export async function fill(form: Page | Locator, values: Filled): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    const control = form.getByLabel(label, { exact: true });
    const kind = await control.evaluate((element) => `${element.tagName} ${element.getAttribute('type')}`);
    if (kind.startsWith('SELECT')) await control.selectOption(await optionOf(control, value));
    else if (kind === 'INPUT file')
      await control.setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from(value) });
    else if (/radio|checkbox/.test(kind)) await control.check();
    else await control.fill(value);
  }
}

/** An option by a part of its text: ids in it are not known beforehand. */
async function optionOf(select: Locator, part: string): Promise<string> {
  const options = select.locator('option').filter({ hasText: part });
  return (await options.first().getAttribute('value')) ?? '';
}

/** Opens a command's dialog, fills it, sends it; it closes when it was done. */
export async function give(
  page: Page,
  button: string,
  values: Filled,
  send = button,
  row: Page | Locator = page,
): Promise<void> {
  await row.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await fill(dialog, values);
  await dialog.getByRole('button', { name: send, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

export function rowOf(page: Page, text: string): Locator {
  return page.getByRole('row').filter({ has: page.getByText(text, { exact: true }) });
}

/** As `<input type="datetime-local">` takes it, so many milliseconds from now. */
export function momentIn(ms: number): string {
  const at = Date.now() + ms;
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What an authenticator app would show now; the demonstration tells. */
export function codeOf(page: Page, userId: string): Promise<string> {
  return page.evaluate(async (who) => {
    const banner = (await (await fetch('/api/banner')).json()) as { demo: { userId: string; code: string }[] };
    return banner.demo.find((one) => one.userId === who)?.code ?? '';
  }, userId);
}

/** The second factor once more, good for five minutes. */
export async function stepUp(page: Page, userId: string): Promise<void> {
  const status = await page.evaluate(
    async (code) => {
      const answer = await fetch('/api/session/step-up', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-platestream': '1' },
        body: JSON.stringify({ factor: { kind: 'totp', code } }),
      });
      return answer.status;
    },
    await codeOf(page, userId),
  );
  if (status !== 200) throw new Error(`the second factor of ${userId} was not taken (${status})`);
}
