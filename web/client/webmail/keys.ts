// Single keys as commands, unless someone is typing.

/** Run the command of a pressed key, if there is one and nobody is writing; `letters` says whether single characters are commands (WCAG 2.1.4). */
export function keys(event: KeyboardEvent, letters: boolean, commands: Record<string, () => unknown>): void {
  if (!letters && event.key.length === 1) return;
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.closest("input:not([type=checkbox]), textarea, select, .compose")) return;
  const command = commands[event.key];
  if (command) {
    event.preventDefault();
    command();
  }
}
