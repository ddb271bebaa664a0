package io.leasehold.cli.output;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Go's encoder writes etcd's messages: fields that are empty are left out, bytes are in
 * base 64, enumerations are numbers, and all numbers are bare. One thread.
 */
final class GoJson {
  private final StringBuilder out = new StringBuilder();
  private boolean isFirst = true;

  GoJson open(char bracket) {
    separate();
    out.append(bracket);
    isFirst = true;
    return this;
  }

  GoJson close(char bracket) {
    out.append(bracket);
    isFirst = false;
    return this;
  }

  private void separate() {
    if (!isFirst) {
      out.append(',');
    }
    isFirst = false;
  }

  /** Begins a field; what comes next is its value. */
  GoJson name(String name) {
    separate();
    quote(name);
    out.append(':');
    isFirst = true;
    return this;
  }

  GoJson value(@Nullable Object value) {
    separate();
    if (value instanceof String text) {
      quote(text);
    } else if (value instanceof ByteString bytes) {
      quote(Base64.getEncoder().encodeToString(bytes.toByteArray()));
    } else {
      out.append(value);
    }
    return this;
  }

  /** Adds a number that has no sign. */
  GoJson unsigned(long value) {
    return value((Object) new UnsignedText(Long.toUnsignedString(value)));
  }

  /** A number that is written already. */
  private record UnsignedText(String digits) {
    @Override
    public String toString() {
      return digits;
    }
  }

  /** Adds a message as an object. */
  GoJson message(Message message) {
    open('{');
    fields(message);
    return close('}');
  }

  /** Adds the fields of a message to the object that is open. */
  GoJson fields(Message message) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : isSet(message, field)) {
        if (field.getRealContainingOneof() == null) {
          name(field.getName());
          all(field, message.getField(field));
        } else {
          choice(field, message.getField(field));
        }
      }
    }
    return this;
  }

  private static boolean isSet(Message message, FieldDescriptor field) {
    return message.hasField(field);
  }

  /** Of several fields one: Go has an object of the choice's name around it. */
  private void choice(FieldDescriptor field, Object value) {
    name(camel(field.getRealContainingOneof().getName()));
    open('{');
    name(camel(field.getName()));
    one(field, value);
    close('}');
  }

  private static String camel(String name) {
    StringBuilder camel = new StringBuilder();
    for (String word : name.split("_", -1)) {
      camel.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return camel.toString();
  }

  private void all(FieldDescriptor field, Object value) {
    if (value instanceof List<?> values) {
      open('[');
      values.forEach(each -> one(field, each));
      close(']');
    } else {
      one(field, value);
    }
  }

  private void one(FieldDescriptor field, Object value) {
    if (value instanceof Message message) {
      message(message);
    } else if (value instanceof EnumValueDescriptor constant) {
      value(constant.getNumber());
    } else {
      switch (field.getType()) {
        case UINT64, FIXED64 -> unsigned((Long) value);
        case UINT32, FIXED32 -> unsigned(Integer.toUnsignedLong((Integer) value));
        default -> value(value);
      }
    }
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          // As Go does, so that it may stand in HTML.
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
