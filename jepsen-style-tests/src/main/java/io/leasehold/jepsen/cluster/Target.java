package io.leasehold.jepsen.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program that serves etcd's interface: ours, or etcd, which shows that checkers can fail. */
public enum Target {
  LEASEHOLD {
    @Override
    public @Nullable String reasonMissing() {
      return Files.exists(distribution().resolve("jvm-options"))
          ? null
          : "the server is not built: no " + distribution() + "; run make dist";
    }

    @Override
    List<String> command(List<String> jvmOptions, List<Path> classesFirst) {
      Jdk jdk = Jdk.find();
      List<String> command = new ArrayList<>();
      command.add(jdk.java().toString());
      command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      command.addAll(distributionOptions(jdk.feature()));
      List<String> further = furtherOptions();
      command.addAll(classesFirst.isEmpty() ? further : withoutArchives(further));
      command.addAll(jvmOptions);
      StringBuilder classPath = new StringBuilder();
      classesFirst.forEach(each -> classPath.append(each).append(File.pathSeparator));
      classPath.append(libraries()).append("/*");
      command.addAll(List.of("-cp", classPath.toString(), "io.leasehold.server.Main"));
      return command;
    }
  },

  /** Debian's {@code etcd-server}, version 3.4; the service of that name need not run. */
  ETCD {
    @Override
    public @Nullable String reasonMissing() {
      return Commands.works("etcd", "--version")
          ? null
          : "etcd is not installed (Debian package etcd-server)";
    }

    @Override
    List<String> command(List<String> jvmOptions, List<Path> classesFirst) {
      return List.of("etcd");
    }
  };

  /** Variable of the environment with options of members' JVMs, blanks between them. */
  private static final String FURTHER_OPTIONS = "JEPSEN_MEMBER_OPTIONS";

  /** Says in one line why this cannot run here; null when it can. */
  public abstract @Nullable String reasonMissing();

  /** Returns the command of a member, to which its flags are added. */
  abstract List<String> command(List<String> jvmOptions, List<Path> classesFirst);

  /** Where the server's distribution has its classes, in jars. */
  public static Path libraries() {
    return distribution().resolve("lib");
  }

  private static Path distribution() {
    return Repository.root().resolve("lease-server/target/dist");
  }

  /** What somebody wants to try out, or to make a member say. */
  private static List<String> furtherOptions() {
    String options = System.getenv().getOrDefault(FURTHER_OPTIONS, "").strip();
    return options.isEmpty() ? List.of() : List.of(options.split("\\s+", -1));
  }

  /** A JVM takes what an archive has from there, whatever comes first on its class path. */
  static List<String> withoutArchives(List<String> options) {
    return options.stream()
        .filter(
            option -> !option.startsWith("-XX:AOT") && !option.startsWith("-XX:SharedArchiveFile"))
        .toList();
  }

  /** The distribution says what its JVM wants; "N-:" in front stands for JDK N and later. */
  private static List<String> distributionOptions(int feature) {
    List<String> options = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(distribution().resolve("jvm-options"))) {
        int colon = line.indexOf("-:");
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        if (line.startsWith("-") || colon < 0) {
          options.add(line.strip());
        } else if (feature >= Integer.parseInt(line.substring(0, colon))) {
          options.add(line.substring(colon + 2).strip());
        }
      }
    } catch (IOException e) {
      throw new ClusterException(String.valueOf(LEASEHOLD.reasonMissing()), e);
    }
    return options;
  }
}
