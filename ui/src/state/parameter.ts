/** What is typed for the parameter of an action, as an absolute target. */
import type { Params, ParameterView } from "../host/bindings";

/** The target; null when what is typed is not one. */
export function parameterOf(parameter: ParameterView, value: string): Params | null {
  switch (parameter.type) {
    case "none": return {};
    case "number": {
      const typed = value.trim();
      const number = Number(typed);
      const fits = /^-?\d+$/.test(typed) && number >= parameter.min && number <= parameter.max;
      return fits ? { [parameter.key]: number } : null;
    }
    case "text": {
      const typed = value.trim();
      const fits = typed !== "" && [...typed].length <= parameter.max;
      return fits ? { [parameter.key]: typed } : null;
    }
    case "one_of": return parameter.values.includes(value) ? { [parameter.key]: value } : null;
    // Applied from its own panel.
    case "programme": return null;
  }
}
