package io.leasehold.server.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Raw values of the options with the place each came from. Flags win over environment, environment
 * over file; an unknown name in any of them is an error.
 */
final class Settings {
  /** A value and how to name it to the operator. */
  record Setting(String value, String origin) {}

  private static final long FILE_BYTES_MAX = 1 << 20;

  private final Map<Option, Setting> settings = new EnumMap<>(Option.class);

  private Settings() {}

  static Settings of(List<String> arguments, Map<String, String> environment)
      throws ConfigurationException {
    Map<Option, Setting> flags = fromFlags(arguments);
    Map<Option, Setting> variables = fromEnvironment(environment);
    Setting file = flags.getOrDefault(Option.CONFIG_FILE, variables.get(Option.CONFIG_FILE));
    Settings all = new Settings();
    if (file != null && !file.value().isEmpty()) {
      all.settings.putAll(fromFile(file));
    }
    all.settings.putAll(variables);
    all.settings.putAll(flags);
    return all;
  }

  @Nullable Setting get(Option option) {
    return settings.get(option);
  }

  private static Map<Option, Setting> fromFlags(List<String> arguments)
      throws ConfigurationException {
    Map<Option, Setting> found = new EnumMap<>(Option.class);
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("-")) {
        throw new ConfigurationException(
            argument + ": not an option; options begin with --, see --help");
      }
      String body = argument.replaceFirst("^--?", "");
      int equals = body.indexOf('=');
      String flag = equals < 0 ? body : body.substring(0, equals);
      Option option = Option.ofFlag(flag);
      if (option == null) {
        throw new ConfigurationException(
            "--" + flag + ": unknown option; " + suggestion(flag, "--"));
      }
      String value;
      if (equals >= 0) {
        value = body.substring(equals + 1);
      } else if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--")) {
        value = arguments.get(++i);
      } else if (option == Option.REPLACE_MEMBER) {
        value = "true";
      } else {
        throw new ConfigurationException(
            "--" + flag + ": has no value; write --" + flag + " " + option.valueName());
      }
      if (found.put(option, new Setting(value, "--" + flag)) != null) {
        throw new ConfigurationException("--" + flag + " " + value + ": given twice; give it once");
      }
    }
    return found;
  }

  private static Map<Option, Setting> fromEnvironment(Map<String, String> environment)
      throws ConfigurationException {
    Map<Option, Setting> found = new EnumMap<>(Option.class);
    Map<String, Option> byVariable =
        List.of(Option.values()).stream()
            .collect(Collectors.toMap(Option::environment, option -> option));
    for (Map.Entry<String, String> variable : environment.entrySet()) {
      String name = variable.getKey();
      if (!name.startsWith(Option.ENVIRONMENT_PREFIX)) {
        continue;
      }
      Option option = byVariable.get(name);
      if (option == null) {
        Option nearest =
            Option.nearest(
                name.substring(Option.ENVIRONMENT_PREFIX.length())
                    .toLowerCase(java.util.Locale.ROOT)
                    .replace('_', '-'));
        throw new ConfigurationException(
            name
                + " in the environment: unknown option; "
                + (nearest == null
                    ? "unset it, or see --help"
                    : "did you mean " + nearest.environment() + "?"));
      }
      found.put(option, new Setting(variable.getValue(), name));
    }
    return found;
  }

  private static Map<Option, Setting> fromFile(Setting file) throws ConfigurationException {
    Map<Option, Setting> found = new EnumMap<>(Option.class);
    Object root = parse(file);
    if (root == null) {
      return found;
    }
    if (!(root instanceof Map<?, ?> entries)) {
      throw new ConfigurationException(
          named(file) + ": not a list of settings; write one KEY: VALUE a line");
    }
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      String key = String.valueOf(entry.getKey());
      Option option = Option.ofFlag(key);
      if (option == null || option == Option.CONFIG_FILE) {
        throw new ConfigurationException(
            named(file) + ": unknown key " + key + "; " + suggestion(key, ""));
      }
      found.put(
          option, new Setting(text(file, key, entry.getValue()), key + " in " + file.value()));
    }
    return found;
  }

  private static @Nullable Object parse(Setting file) throws ConfigurationException {
    try {
      Path path = Path.of(file.value());
      if (Files.size(path) > FILE_BYTES_MAX) {
        throw new ConfigurationException(
            named(file) + ": larger than " + FILE_BYTES_MAX + " bytes; this is no settings file");
      }
      String yaml = Files.readString(path, StandardCharsets.UTF_8);
      return new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build())
          .loadFromString(yaml);
    } catch (MarkedYamlEngineException e) {
      String where =
          e.getProblemMark()
              .map(mark -> "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
              .orElse("somewhere");
      throw new ConfigurationException(
          named(file) + ": not YAML at " + where + ": " + oneLine(e.getProblem()) + "; correct it");
    } catch (YamlEngineException e) {
      throw new ConfigurationException(
          named(file) + ": not YAML: " + oneLine(String.valueOf(e.getMessage())) + "; correct it");
    } catch (java.nio.file.NoSuchFileException e) {
      throw new ConfigurationException(named(file) + ": no such file; check the path");
    } catch (IOException | java.nio.file.InvalidPathException e) {
      throw new ConfigurationException(
          named(file)
              + ": cannot be read ("
              + oneLine(String.valueOf(e.getMessage()))
              + "); check the path");
    }
  }

  private static String text(Setting file, String key, @Nullable Object value)
      throws ConfigurationException {
    if (value == null) {
      return "";
    }
    if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
    if (value instanceof Map<?, ?>) {
      throw new ConfigurationException(
          named(file) + ": key " + key + " holds a map; write one value, or a list");
    }
    return String.valueOf(value);
  }

  private static String named(Setting file) {
    return file.origin() + " " + file.value();
  }

  private static String suggestion(String name, String prefix) {
    Option nearest = Option.nearest(name);
    return nearest == null
        ? "see --help for the options there are"
        : "did you mean " + prefix + nearest.flag() + "?";
  }

  static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
