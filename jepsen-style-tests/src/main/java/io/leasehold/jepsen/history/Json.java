package io.leasehold.jepsen.history;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON objects with the names of their components. One of several kinds carries its name
 * in front. What is missing or unknown is refused, so that a damaged line is never taken for
 * another one. For any number of threads.
 */
public final class Json {
  private static final String KIND = "is";
  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .registerTypeAdapterFactory(new Kinds())
          .registerTypeAdapterFactory(new StrictRecords())
          .create();

  private static final TypeAdapter<JsonElement> ELEMENTS = new Gson().getAdapter(JsonElement.class);

  private Json() {}

  public static String write(Object value) {
    return value instanceof Entry entry ? GSON.toJson(entry, Entry.class) : GSON.toJson(value);
  }

  /**
   * @throws JsonParseException if the text is no such value
   */
  public static <T> T read(String text, Class<T> type) {
    T value;
    try {
      value = GSON.fromJson(text, type);
    } catch (JsonParseException e) {
      throw e;
    } catch (RuntimeException e) {
      // What a record's own checks refuse comes wrapped by the reflection that calls it.
      throw new JsonParseException(e.getCause() == null ? e : e.getCause());
    }
    if (value == null) {
      throw new JsonParseException("an empty line");
    }
    return value;
  }

  /** Reads the kinds of a sealed interface by their names. */
  private static final class Kinds implements TypeAdapterFactory {
    @Override
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      Class<? super T> raw = type.getRawType();
      if (!raw.isInterface() || !raw.isSealed()) {
        return null;
      }
      Map<String, Class<?>> byName = new HashMap<>();
      collect(raw, byName);
      return new TypeAdapter<T>() {
        @Override
        public void write(JsonWriter out, @Nullable T value) throws IOException {
          if (value == null) {
            out.nullValue();
          } else {
            ELEMENTS.write(out, gson.toJsonTree(value, value.getClass()));
          }
        }

        @Override
        public T read(JsonReader in) throws IOException {
          JsonObject object = object(JsonParser.parseReader(in));
          JsonElement kind = object.get(KIND);
          Class<?> named =
              kind != null && kind.isJsonPrimitive() ? byName.get(kind.getAsString()) : null;
          if (named == null) {
            throw new JsonParseException("unknown kind " + kind);
          }
          @SuppressWarnings("unchecked")
          T value = (T) gson.getAdapter(named).fromJsonTree(object);
          return value;
        }
      };
    }

    private static void collect(Class<?> sealed, Map<String, Class<?>> byName) {
      for (Class<?> kind : sealed.getPermittedSubclasses()) {
        if (kind.isInterface()) {
          collect(kind, byName);
        } else {
          byName.put(nameOf(kind), kind);
        }
      }
    }
  }

  private static String nameOf(Class<?> kind) {
    String simple = kind.getSimpleName();
    return Character.toLowerCase(simple.charAt(0)) + simple.substring(1);
  }

  /** Refuses objects that lack a component or have one too many. */
  private static final class StrictRecords implements TypeAdapterFactory {
    @Override
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      Class<? super T> raw = type.getRawType();
      if (!raw.isRecord()) {
        return null;
      }
      List<RecordComponent> components = List.of(raw.getRecordComponents());
      List<RecordComponent> required =
          components.stream()
              .filter(part -> !part.getAnnotatedType().isAnnotationPresent(Nullable.class))
              .toList();
      Set<String> names = new HashSet<>();
      components.forEach(component -> names.add(component.getName()));
      boolean isOneOfSeveralKinds = Arrays.stream(raw.getInterfaces()).anyMatch(Class::isSealed);
      TypeAdapter<T> plain = gson.getDelegateAdapter(this, type);
      return new TypeAdapter<T>() {
        @Override
        public void write(JsonWriter out, @Nullable T value) throws IOException {
          if (value == null) {
            out.nullValue();
            return;
          }
          JsonObject object = new JsonObject();
          if (isOneOfSeveralKinds) {
            object.addProperty(KIND, nameOf(raw));
          }
          plain
              .toJsonTree(value)
              .getAsJsonObject()
              .entrySet()
              .forEach(part -> object.add(part.getKey(), part.getValue()));
          ELEMENTS.write(out, object);
        }

        @Override
        public T read(JsonReader in) throws IOException {
          JsonObject object = object(JsonParser.parseReader(in));
          if (isOneOfSeveralKinds) {
            object.remove(KIND);
          }
          for (String name : object.keySet()) {
            if (!names.contains(name)) {
              throw new JsonParseException("unknown " + name);
            }
          }
          for (RecordComponent component : required) {
            if (!object.has(component.getName())) {
              throw new JsonParseException("no " + component.getName());
            }
          }
          T value = plain.fromJsonTree(object);
          for (RecordComponent component : required) {
            // The name of an enum that is none is read as null.
            if (isNull(component, value)) {
              throw new JsonParseException("no such " + component.getName());
            }
          }
          return value;
        }
      };
    }

    private static boolean isNull(RecordComponent component, Object value) {
      if (component.getType().isPrimitive()) {
        return false;
      }
      try {
        return component.getAccessor().invoke(value) == null;
      } catch (ReflectiveOperationException e) {
        throw new JsonParseException(e);
      }
    }
  }

  private static JsonObject object(JsonElement element) {
    if (!element.isJsonObject()) {
      throw new JsonParseException("not an object: " + element);
    }
    return element.getAsJsonObject();
  }
}
