package io.leasehold.cli.flag;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command line, taken apart: {@code --name=value}, {@code --name value}, {@code -n value}, and
 * arguments between them. After {@code --} everything is an argument.
 */
public final class Flags {
  private final Map<String, Flag> known;
  private final Map<String, String> given = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();
  private final List<String> command = new ArrayList<>();
  private boolean hasCommand;

  private Flags(Map<String, Flag> known) {
    this.known = known;
  }

  /**
   * Takes a command line apart.
   *
   * @param environment the values of flags that the environment sets
   * @throws FlagException if it names a flag that is not known, or a value that is none
   */
  public static Flags parse(List<Flag> flags, Map<String, String> environment, List<String> words) {
    Map<String, Flag> known = new HashMap<>();
    flags.forEach(flag -> known.put(flag.name(), flag));
    Flags parsed = new Flags(known);
    parsed.takeAll(flags, words);
    environment.forEach(parsed.given::putIfAbsent);
    flags.forEach(parsed::check);
    return parsed;
  }

  private void takeAll(List<Flag> flags, List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--")) {
        hasCommand = true;
        command.addAll(words.subList(i + 1, words.size()));
        return;
      }
      if (word.length() < 2 || word.charAt(0) != '-') {
        arguments.add(word);
        continue;
      }
      boolean isLong = word.startsWith("--");
      Flag flag = isLong ? named(word) : lettered(flags, word);
      String value = isLong ? afterEquals(word) : attached(word);
      if (value == null && flag.kind() == Flag.Kind.SWITCH) {
        value = "true";
      } else if (value == null) {
        i++;
        if (i == words.size()) {
          throw new FlagException("flag needs an argument: " + word);
        }
        value = words.get(i);
      }
      given.put(flag.name(), value);
    }
  }

  private Flag named(String word) {
    int equals = word.indexOf('=');
    String name = word.substring(2, equals < 0 ? word.length() : equals);
    Flag flag = known.get(name);
    if (flag == null) {
      throw new FlagException("unknown flag: --" + name);
    }
    return flag;
  }

  private static Flag lettered(List<Flag> flags, String word) {
    return flags.stream()
        .filter(flag -> flag.letter() == word.charAt(1))
        .findFirst()
        .orElseThrow(
            () -> new FlagException("unknown shorthand flag: '" + word.charAt(1) + "' in " + word));
  }

  private static @Nullable String afterEquals(String word) {
    int equals = word.indexOf('=');
    return equals < 0 ? null : word.substring(equals + 1);
  }

  private static @Nullable String attached(String word) {
    if (word.length() == 2) {
      return null;
    }
    return word.substring(word.charAt(2) == '=' ? 3 : 2);
  }

  private void check(Flag flag) {
    String value = given.get(flag.name());
    if (value != null && !isValid(flag.kind(), value)) {
      throw new FlagException(
          "invalid argument \""
              + value
              + "\" for \"--"
              + flag.name()
              + "\" flag: it takes "
              + flag.kind().about());
    }
  }

  private static boolean isValid(Flag.Kind kind, String value) {
    try {
      switch (kind) {
        case SWITCH -> {
          return value.equals("true") || value.equals("false");
        }
        case NUMBER -> {
          long unused = Long.parseLong(value);
        }
        case DURATION -> {
          Duration unused = Durations.parse(value);
        }
        case SECONDS -> {
          Duration unused = seconds(value);
        }
        case TEXT -> {
          return true;
        }
      }
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Duration seconds(String value) {
    return !value.isEmpty() && value.chars().allMatch(Character::isDigit)
        ? Duration.ofSeconds(Long.parseLong(value))
        : Durations.parse(value);
  }

  private String value(String name) {
    Flag flag = known.get(name);
    if (flag == null) {
      throw new IllegalArgumentException("the command has no flag " + name);
    }
    return given.getOrDefault(name, flag.standard());
  }

  /** Returns whether a flag was given, here or by the environment. */
  public boolean has(String name) {
    return given.containsKey(name);
  }

  public boolean isSet(String name) {
    return value(name).equals("true");
  }

  public String text(String name) {
    return value(name);
  }

  public long number(String name) {
    return Long.parseLong(value(name));
  }

  public Duration duration(String name) {
    return known.get(name) != null && known.get(name).kind() == Flag.Kind.SECONDS
        ? seconds(value(name))
        : Durations.parse(value(name));
  }

  /** Returns the arguments, those after {@code --} too. */
  public List<String> arguments() {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(command);
    return all;
  }

  /** Returns the arguments before {@code --}. */
  public List<String> argumentsBeforeDashes() {
    return List.copyOf(arguments);
  }

  /** Returns the arguments after {@code --}. */
  public List<String> argumentsAfterDashes() {
    return List.copyOf(command);
  }

  /** Returns whether there was a {@code --}. */
  public boolean hasDashes() {
    return hasCommand;
  }
}
