// The editor of answers: Python, saved as one types, judged by Ctrl-Enter.
import {
  Decoration, EditorState, EditorView, HighlightStyle, ViewPlugin, autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, defaultKeymap,
  drawSelection, highlightActiveLine, highlightActiveLineGutter, history, historyKeymap, indentOnInput, indentUnit, indentWithTab,
  keymap, lineNumbers, python, searchKeymap, setDiagnostics, syntaxHighlighting, tags,
} from "/static/vendor/editor.js";

// The page's own colours, so that light and dark are the same theme.
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword], color: "var(--third)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.className, tags.definition(tags.className)], color: "var(--first)" },
  { tag: [tags.string, tags.docString], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--second)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
]);

// A line that is longer than the window goes on below, four letters farther in than it began.
const hangingIndent = ViewPlugin.fromClass(class {
  constructor(view) { this.decorations = indentLines(view); }
  update({ view, docChanged, viewportChanged }) { if (docChanged || viewportChanged) this.decorations = indentLines(view); }
}, { decorations: (plugin) => plugin.decorations });

function indentLines({ state, viewport }) {
  const found = [];
  for (let line = state.doc.lineAt(viewport.from); ; line = state.doc.line(line.number + 1)) {
    const deeper = line.text.search(/\S|$/) + 4;
    found.push(Decoration.line({ attributes: { style: `padding-left: calc(6px + ${deeper}ch); text-indent: -${deeper}ch` } }).range(line.from));
    if (line.to >= viewport.to) return Decoration.set(found);
  }
}

export function makeEditor(parent, text, { judge, changed }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), highlightActiveLine(), highlightActiveLineGutter(), history(), drawSelection(), indentOnInput(),
        bracketMatching(), closeBrackets(), autocompletion(), python(), indentUnit.of("    "), EditorState.tabSize.of(4),
        syntaxHighlighting(colours), EditorView.lineWrapping, hangingIndent,
        EditorView.contentAttributes.of({ "aria-label": "Your answer in Python. Escape, then Tab, leaves the editor.", spellcheck: "false", tabindex: "0" }),
        keymap.of([
          { key: "Mod-Enter", run: () => { judge(); return true; } },
          { key: "Mod-s", run: () => { judge(); return true; } },
          ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, indentWithTab,
        ]),
        EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
      ],
    }),
  });
  // The first line to write stands below a long docstring: show it.
  const place = text.indexOf("raise NotImplementedError");
  if (place >= 0) view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "end", yMargin: 30 }) });
  return {
    get text() { return view.state.doc.toString(); },
    replace(next) { view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }); },
    focus() { view.focus(); },
    // Mark a line, from 1, with what is wrong in it; none where there is no such line.
    mark(line, message) {
      const known = line && line <= view.state.doc.lines;
      const found = known ? view.state.doc.line(line) : null;
      const marks = found ? [{ from: found.from, to: found.to, severity: "error", message }] : [];
      view.dispatch(setDiagnostics(view.state, marks));
    },
  };
}
