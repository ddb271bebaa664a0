package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What must be done beside the JVM is small C, compiled on the machine of the run. */
final class Native {
  private static final String SHIM = "faultshim";
  private static final String WIRE = "wire";

  private Native() {}

  /** Says in one line why this cannot be done here; null when it can. */
  static @Nullable String reasonMissing() {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
      return "to move wall clocks, and to hinder syncs and packets, needs Linux";
    }
    try {
      Commands.Ended ended =
          Commands.attempt("#include <dlfcn.h>\n", "gcc", "-E", "-x", "c", "-o", "/dev/null", "-");
      return ended.exitCode() == 0 ? null : "gcc finds no headers (Debian package libc6-dev)";
    } catch (ClusterException e) {
      return "to move wall clocks, and to hinder syncs and packets, needs gcc (Debian package gcc)";
    }
  }

  /** Returns the library that is preloaded into members, made in a directory. */
  static Path shim(Path directory) {
    Path library = directory.resolve(SHIM + ".so");
    compile(SHIM, directory, "-shared", "-fPIC", "-o", library.toString());
    return library;
  }

  /** Returns the program that delays packets, made in a directory. */
  static Path wire(Path directory) {
    Path program = directory.resolve(WIRE);
    compile(WIRE, directory, "-o", program.toString());
    return program;
  }

  private static void compile(String name, Path directory, String... options) {
    Path source = directory.resolve(name + ".c");
    try (InputStream in = Native.class.getResourceAsStream(name + ".c")) {
      if (in == null) {
        throw new ClusterException("no " + name + ".c beside the classes");
      }
      Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new ClusterException("cannot write " + source + ": " + e.getMessage(), e);
    }
    String[] command = new String[5 + options.length];
    System.arraycopy(new String[] {"gcc", "-O2", "-Wall", source.toString()}, 0, command, 0, 4);
    System.arraycopy(options, 0, command, 4, options.length);
    command[command.length - 1] = "-ldl";
    Commands.run(command);
  }
}
