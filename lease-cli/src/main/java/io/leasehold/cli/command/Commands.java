package io.leasehold.cli.command;

import io.leasehold.cli.flag.Flag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All commands, and the flags that all of them know. */
public final class Commands {
  /** Words that stand for another command, as etcdctl has them. */
  private static final String COMPACT = "compact";

  private static final List<Flag> GLOBAL =
      List.of(
          Flag.text("endpoints", "127.0.0.1:2379", "members to ask, separated by commas"),
          Flag.text("write-out", "simple", "the format of answers: simple, table or json")
              .letter('w'),
          Flag.duration("dial-timeout", "2s", "how long connecting to one member may take"),
          Flag.duration("command-timeout", "5s", "how long a request may take in all"),
          Flag.toggle("hex", "print keys and values as hexadecimal strings"),
          Flag.text("cacert", "", "file with the certificates to trust; speaks TLS"),
          Flag.text("cert", "", "file with this client's certificate; speaks TLS"),
          Flag.text("key", "", "file with this client's key in PKCS #8; speaks TLS"),
          Flag.toggle("insecure-skip-tls-verify", "trust whoever answers; for tests alone"),
          new Flag(
              "insecure-transport",
              ' ',
              Flag.Kind.SWITCH,
              "true",
              "plain text; false speaks TLS with the JDK's trust"),
          Flag.toggle("help", "print what a command takes").letter('h'));

  private Commands() {}

  /** Returns the flags that every command knows. */
  public static List<Flag> globalFlags() {
    return GLOBAL;
  }

  /** Returns all commands, by name. */
  public static List<Command> all() {
    List<Command> all = new ArrayList<>();
    all.addAll(LeaseCommands.all());
    all.addAll(KeyCommands.all());
    all.addAll(MemberCommands.all());
    all.add(TxnCommand.command());
    all.add(WatchCommand.command());
    all.add(LockCommand.command());
    all.add(ElectCommand.command());
    all.add(TopCommand.command());
    all.add(CompletionCommand.command());
    all.add(VersionCommand.command());
    all.sort(Comparator.comparing(Command::name));
    return all;
  }

  /** Returns the name that a word stands for. */
  public static String resolved(String word) {
    return word.equals(COMPACT) ? "compaction" : word;
  }
}
