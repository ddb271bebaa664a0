package io.leasehold.jepsen.history;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON objects with the names of their components. One of several kinds carries its name
 * in front. What is missing or unknown is refused, so that a damaged line is never taken for
 * another one. For any number of threads.
 */
public final class Json {
  private static final String KIND = "is";
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().registerTypeAdapterFactory(new Records()).create();

  private static final Gson INDENTED =
      new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

  private Json() {}

  public static String write(Object value) {
    return value instanceof Entry entry ? GSON.toJson(entry, Entry.class) : GSON.toJson(value);
  }

  /** As {@link #write}, on several lines for people. */
  public static String writeIndented(Object value) {
    return INDENTED.toJson(JsonParser.parseString(write(value))) + "\n";
  }

  /**
   * Reads one value.
   *
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

  private static String nameOf(Class<?> kind) {
    String simple = kind.getSimpleName();
    return Character.toLowerCase(simple.charAt(0)) + simple.substring(1);
  }

  /** Makes the adapters of records, and of sealed interfaces whose kinds are records. */
  private static final class Records implements TypeAdapterFactory {
    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      Class<? super T> raw = type.getRawType();
      if (raw.isRecord()) {
        return (TypeAdapter<T>) new OfRecord(gson, raw);
      }
      return raw.isInterface() && raw.isSealed() ? (TypeAdapter<T>) new OfKinds(gson, raw) : null;
    }
  }

  /** Finds the kind by the name that is in front. */
  private static final class OfKinds extends TypeAdapter<Object> {
    private final Gson gson;
    private final Map<String, Class<?>> kinds = new HashMap<>();

    OfKinds(Gson gson, Class<?> sealed) {
      this.gson = gson;
      collect(sealed);
    }

    private void collect(Class<?> sealed) {
      for (Class<?> kind : sealed.getPermittedSubclasses()) {
        if (kind.isInterface()) {
          collect(kind);
        } else {
          kinds.put(nameOf(kind), kind);
        }
      }
    }

    /** Looked up when needed: the parts of a transaction may be transactions. */
    private OfRecord adapter(Class<?> kind) {
      return (OfRecord) (TypeAdapter<?>) gson.getAdapter(kind);
    }

    @Override
    public void write(JsonWriter out, @Nullable Object value) throws IOException {
      if (value == null) {
        out.nullValue();
      } else {
        adapter(value.getClass()).write(out, value);
      }
    }

    @Override
    public Object read(JsonReader in) throws IOException {
      begin(in);
      if (!in.hasNext() || !in.nextName().equals(KIND)) {
        throw new JsonParseException("no kind in front");
      }
      String name = in.nextString();
      Class<?> kind = kinds.get(name);
      if (kind == null) {
        throw new JsonParseException("unknown kind " + name);
      }
      return adapter(kind).readComponents(in);
    }
  }

  /** Refuses objects that lack a component or have one too many. */
  private static final class OfRecord extends TypeAdapter<Object> {
    private final Class<?> type;
    private final boolean isOneOfSeveralKinds;
    private final List<RecordComponent> components;
    private final Map<String, Integer> places = new HashMap<>();
    private final List<TypeAdapter<Object>> adapters = new ArrayList<>();
    private final Constructor<?> constructor;

    @SuppressWarnings("unchecked")
    OfRecord(Gson gson, Class<?> type) {
      this.type = type;
      this.isOneOfSeveralKinds = Arrays.stream(type.getInterfaces()).anyMatch(Class::isSealed);
      this.components = List.of(type.getRecordComponents());
      for (RecordComponent component : components) {
        places.put(component.getName(), places.size());
        adapters.add(
            (TypeAdapter<Object>) gson.getAdapter(TypeToken.get(component.getGenericType())));
      }
      try {
        constructor =
            type.getDeclaredConstructor(
                components.stream().map(RecordComponent::getType).toArray(Class<?>[]::new));
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
      // A record that only its own package knows is written like any other.
      constructor.setAccessible(true);
      components.forEach(component -> component.getAccessor().setAccessible(true));
    }

    @Override
    public void write(JsonWriter out, @Nullable Object value) throws IOException {
      if (value == null) {
        out.nullValue();
        return;
      }
      out.beginObject();
      if (isOneOfSeveralKinds) {
        out.name(KIND).value(nameOf(type));
      }
      for (int i = 0; i < adapters.size(); i++) {
        Object part = component(i, value);
        if (part != null) {
          out.name(components.get(i).getName());
          adapters.get(i).write(out, part);
        }
      }
      out.endObject();
    }

    private @Nullable Object component(int place, Object value) {
      try {
        return components.get(place).getAccessor().invoke(value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Object read(JsonReader in) throws IOException {
      begin(in);
      return readComponents(in);
    }

    Object readComponents(JsonReader in) throws IOException {
      @Nullable Object[] values = new Object[adapters.size()];
      while (in.hasNext()) {
        String name = in.nextName();
        Integer place = places.get(name);
        if (place == null) {
          throw new JsonParseException("unknown " + name);
        }
        // The name of an enum that is none is read as null.
        values[place] = adapters.get(place).read(in);
      }
      in.endObject();
      for (int i = 0; i < values.length; i++) {
        if (values[i] == null && !isOptional(components.get(i))) {
          throw new JsonParseException("no " + components.get(i).getName());
        }
      }
      try {
        return constructor.newInstance(values);
      } catch (ReflectiveOperationException e) {
        throw new JsonParseException(e.getCause() == null ? e : e.getCause());
      }
    }

    private static boolean isOptional(RecordComponent component) {
      return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }
  }

  private static void begin(JsonReader in) throws IOException {
    if (in.peek() != JsonToken.BEGIN_OBJECT) {
      throw new JsonParseException("not an object");
    }
    in.beginObject();
  }
}
