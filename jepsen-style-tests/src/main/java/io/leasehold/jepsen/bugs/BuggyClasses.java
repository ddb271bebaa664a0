package io.leasehold.jepsen.bugs;

import io.leasehold.jepsen.cluster.Repository;
import io.leasehold.jepsen.cluster.Target;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Makes classes of the product with a bug in them. The product's own sources and classes stay as
 * they are.
 */
public final class BuggyClasses {
  private static final String SOURCES = "src/main/java/";
  private static final String RELEASE = "17";

  private BuggyClasses() {}

  /**
   * Compiles what a bug changes, against the server's distribution.
   *
   * @param directory gets the changed sources and the classes; made when it does not exist
   * @return the directory of the classes, to be put in front of the distribution's
   * @throws StaleBugException if the bug does not fit the sources any more
   */
  public static Path compile(Bug bug, Path directory) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Map.Entry<String, String> changed : changedSources(bug).entrySet()) {
      Path source = directory.resolve("sources").resolve(belowSources(changed.getKey()));
      Files.createDirectories(source.getParent());
      Files.writeString(source, changed.getValue());
      sources.add(source);
    }
    Path classes = Files.createDirectories(directory.resolve("classes"));
    compile(bug, sources, classes);
    return classes;
  }

  /** Returns the changed sources by the names of their files. */
  static Map<String, String> changedSources(Bug bug) throws IOException {
    Map<String, String> changed = new TreeMap<>();
    for (Patch.FileChange change : bug.patch().files()) {
      String source = Files.readString(Repository.root().resolve(change.file()));
      try {
        changed.put(change.file(), change.applyTo(source));
      } catch (StaleBugException e) {
        throw new StaleBugException("bug " + bug.name() + ": " + e.getMessage());
      }
    }
    return changed;
  }

  private static String belowSources(String file) {
    int at = file.indexOf(SOURCES);
    if (at < 0) {
      throw new StaleBugException(file + " is no source of the product");
    }
    return file.substring(at + SOURCES.length());
  }

  private static String libraries() throws IOException {
    try (Stream<Path> jars = Files.list(Target.libraries())) {
      return jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
  }

  private static void compile(Bug bug, List<Path> sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IOException("bugs are compiled: this needs a JDK with its compiler");
    }
    List<String> options =
        List.of(
            "-d",
            classes.toString(),
            "-cp",
            libraries(),
            "--release",
            RELEASE,
            "-proc:none",
            "-implicit:none",
            "-nowarn");
    StringWriter complaints = new StringWriter();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      boolean isCompiled =
          compiler
              .getTask(
                  complaints,
                  files,
                  null,
                  options,
                  null,
                  files.getJavaFileObjectsFromPaths(sources))
              .call();
      if (!isCompiled) {
        throw new StaleBugException("bug " + bug.name() + " does not compile\n" + complaints);
      }
    }
  }
}
