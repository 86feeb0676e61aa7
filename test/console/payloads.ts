import { strict as assert } from 'node:assert';
import type { Locator, Page } from 'playwright-core';
import type { Watched } from '../support/browser.js';
import { momentIn } from './forms.js';

/** What a hostile person types. */
export const payload = `"><img src=x onerror="alert(1)"><script>alert(2)</script><svg onload=alert(3)>{{7*7}}'`;
const shortPayload = '<b>1</b>';
const hourMs = 3_600_000;

/** What the program would refuse before it is stored anywhere: given as it must be, so that the rest of the form gets through. */
const wellFormed: Readonly<Record<string, string>> = {
  userId: 'trainer',
  vendorId: 'demo-vendor',
  agencyId: 'somerville',
  cameraId: 'corner-9',
  caseNo: '26-1001',
  reference: 'CJIS-1',
  ticket: 'ticket-1',
  orderNo: 'order-1',
  auditor: 'auditor',
  attendees: 'trainer',
  state: 'MA',
  pickedState: 'MA',
  returnedState: 'MA',
  days: '20',
  score: '90',
};

/** Nothing of what was typed has become an element, and no script of it has run (a dialog would be in `wrong`). */
export async function assertText({ page, wrong }: Watched, where: string): Promise<void> {
  const made = await page.locator('img[src="x"], main script, dialog script, svg[onload], b:text-is("1")').count();
  assert.equal(made, 0, `${where}: markup became an element`);
  assert.deepEqual(wrong, [], where);
}

/** Every control of a form: the payload where text goes, something that fits elsewhere. @returns how many took text. */
export async function fillAll(form: Locator, texts: 'payload' | 'well formed'): Promise<number> {
  const file = { name: `${payload.replaceAll('/', '_')}.csv`, mimeType: 'text/csv', buffer: list };
  for (const control of await form.locator('input[type=file]').all()) await control.setInputFiles(file);
  return form.evaluate(fillInPage, {
    payload,
    shortPayload,
    wellFormed: texts === 'well formed' ? wellFormed : {},
    past: momentIn(-hourMs),
    soon: momentIn(hourMs / 6),
  });
}

interface Filling {
  readonly payload: string;
  readonly shortPayload: string;
  readonly wellFormed: Readonly<Record<string, string>>;
  readonly past: string;
  readonly soon: string;
}

/** In the page: as somebody who types, control by control. */
function fillInPage(form: Element, given: Filling): number {
  let typed = 0;
  const type = (control: HTMLInputElement, value: string) => {
    control.value = value;
    control.dispatchEvent(new Event('input', { bubbles: true }));
  };
  for (const one of form.querySelectorAll('input, select, textarea')) {
    const control = one as HTMLInputElement;
    const { name } = control;
    if (control.tagName === 'SELECT') {
      const select = one as HTMLSelectElement;
      if (select.value === '') select.selectedIndex = Math.min(1, select.options.length - 1);
      select.dispatchEvent(new Event('input', { bubbles: true }));
    } else if (control.type === 'number') type(control, given.wellFormed[name] ?? '1');
    else if (control.type === 'datetime-local') type(control, /^(to|expires|due)/.test(name) ? given.soon : given.past);
    else if (control.type === 'checkbox' || control.type === 'radio') {
      if (!control.checked) control.click();
    } else if (control.type !== 'file') {
      type(control, given.wellFormed[name] ?? (/state|plate/i.test(name) ? given.shortPayload : given.payload));
      typed += 1;
    }
  }
  return typed;
}

const list = Buffer.from(
  `plate,state,category,reason\nABC123,MA,stolen_vehicle,"${payload.replaceAll('"', '""')}"\nB,,${payload},\n`,
);

/** Sends the form twice: as hostile as it gets, then so that what may be free text is taken. */
export async function attack(watched: Watched, form: Locator, where: string): Promise<number> {
  const send = form.locator('button[type=submit]').first();
  let typed = 0;
  for (const texts of ['payload', 'well formed'] as const) {
    if ((await form.count()) === 0 || !(await form.isVisible())) break;
    typed = await fillAll(form, texts);
    // Patterns and lengths of the page itself are no defence: the server has to be one.
    await form.evaluate((element) => ((element as HTMLFormElement).noValidate = true));
    if (await send.isEnabled()) await send.click();
    await settled(watched.page);
    await assertText(watched, where);
  }
  return typed;
}

/** The page has shown what the last click came to. */
export function drawn(page: Page): Promise<void> {
  return page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );
}

/** Until the page waits for nothing. */
async function settled(page: Page): Promise<void> {
  await drawn(page);
  await page.waitForFunction(
    () => ![...document.querySelectorAll('button')].some((one) => /…$/.test(one.textContent ?? '')),
  );
}

export async function loaded(page: Page): Promise<void> {
  await drawn(page);
  await page.waitForFunction(() => !/Loading…|Asking…/.test(document.querySelector('main')?.textContent ?? ''));
}

/** Names of the screens that whoever has signed in is offered. */
export async function screensOf(page: Page): Promise<string[]> {
  const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
  await links.first().waitFor();
  return (await links.allTextContents()).map((name) => name.replace(/\d+\+?$/, ''));
}
