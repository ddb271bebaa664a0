package io.leasehold.cli.flag;

/**
 * A flag that a command knows.
 *
 * @param name its name without the dashes
 * @param letter its short form, or a space if it has none
 * @param standard its value when it is not given; empty for none
 * @param about what it does, without a full stop
 */
public record Flag(String name, char letter, Kind kind, String standard, String about) {
  /** What a flag's value looks like. */
  public enum Kind {
    /** Given or not; {@code --name=false} takes it back. */
    SWITCH("true or false"),
    TEXT("a text"),
    NUMBER("a number"),
    /** As Go writes it: {@code 1m30s}, {@code 500ms}. */
    DURATION("a duration, such as 500ms or 1m30s"),
    /** A number of seconds, or a duration. */
    SECONDS("seconds, or a duration such as 1m30s");

    private final String about;

    Kind(String about) {
      this.about = about;
    }

    /** Says what a value looks like. */
    public String about() {
      return about;
    }
  }

  public static Flag toggle(String name, String about) {
    return new Flag(name, ' ', Kind.SWITCH, "false", about);
  }

  public static Flag text(String name, String standard, String about) {
    return new Flag(name, ' ', Kind.TEXT, standard, about);
  }

  public static Flag number(String name, String standard, String about) {
    return new Flag(name, ' ', Kind.NUMBER, standard, about);
  }

  public static Flag duration(String name, String standard, String about) {
    return new Flag(name, ' ', Kind.DURATION, standard, about);
  }

  public static Flag seconds(String name, String standard, String about) {
    return new Flag(name, ' ', Kind.SECONDS, standard, about);
  }

  /** Returns this flag with a short form. */
  public Flag letter(char shortForm) {
    return new Flag(name, shortForm, kind, standard, about);
  }

  /** Returns the name of an environment variable that stands for this flag. */
  public String variable(String prefix) {
    return prefix + "_" + name.replace('-', '_').toUpperCase(java.util.Locale.ROOT);
  }
}
