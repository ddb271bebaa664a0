package io.leasehold.jepsen.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A plan, whatever is in it, as tables. */
final class PlanTable {
  /** Deeper parts are shown as they are written. */
  private static final int DEPTH_MAX = 5;

  private PlanTable() {}

  static Markup of(JsonObject plan) {
    return object("", plan, 0);
  }

  /** What is in a part may have the unit that the part's own name says. */
  private static Markup object(String name, JsonObject object, int depth) {
    Markup table = new Markup().open("table");
    for (Map.Entry<String, JsonElement> part : object.entrySet()) {
      table
          .open("tr")
          .element("th", part.getKey())
          .open("td")
          .add(value(name + " " + part.getKey(), part.getValue(), depth + 1))
          .close("td")
          .close("tr");
    }
    return table.close("table");
  }

  private static Markup value(String name, JsonElement value, int depth) {
    if (value.isJsonPrimitive()) {
      return new Markup().text(primitive(name, value));
    } else if (depth >= DEPTH_MAX || value.isJsonNull()) {
      return new Markup().element("code", value.toString());
    } else if (value.isJsonObject()) {
      return value.getAsJsonObject().isEmpty()
          ? new Markup().element("span", "none", "class", "quiet")
          : object(name, value.getAsJsonObject(), depth);
    }
    return array(name, value.getAsJsonArray(), depth);
  }

  /** Objects become rows under the names of all their parts; other values a list. */
  private static Markup array(String name, JsonArray array, int depth) {
    if (array.isEmpty()) {
      return new Markup().element("span", "none", "class", "quiet");
    }
    Set<String> columns = new LinkedHashSet<>();
    boolean isTable = true;
    for (JsonElement each : array) {
      isTable &= each.isJsonObject();
      if (each.isJsonObject()) {
        columns.addAll(each.getAsJsonObject().keySet());
      }
    }
    Markup markup = new Markup();
    if (!isTable) {
      String separator = "";
      for (JsonElement each : array) {
        markup.text(separator).add(value(name, each, depth + 1));
        separator = ", ";
      }
      return markup;
    }
    markup.open("table").open("tr").element("th", "");
    columns.forEach(column -> markup.element("th", column));
    markup.close("tr");
    int number = 0;
    for (JsonElement each : array) {
      markup.open("tr").element("td", Integer.toString(++number), "class", "number");
      for (String column : columns) {
        JsonElement part = each.getAsJsonObject().get(column);
        markup.open("td");
        if (part != null) {
          markup.add(value(column, part, depth + 1));
        }
        markup.close("td");
      }
      markup.close("tr");
    }
    return markup.close("table");
  }

  /** Long numbers of small units are said in larger ones too. */
  private static String primitive(String name, JsonElement value) {
    String text = value.getAsString();
    if (value.getAsJsonPrimitive().isNumber()) {
      double number = value.getAsDouble();
      if (name.contains("Nanos") && number != 0) {
        return Quantities.length(number);
      } else if (name.contains("Millis") && Math.abs(number) >= 1000) {
        return Quantities.millis(number);
      } else if (number == Math.rint(number) && text.contains(".")) {
        return Quantities.number(number);
      }
    }
    return text;
  }
}
