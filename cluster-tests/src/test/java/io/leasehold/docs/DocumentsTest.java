package io.leasehold.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DocumentsTest {
  private static final Path ROOT =
      Path.of(System.getProperty("leasehold.root", "..")).toAbsolutePath();

  /** A class, or a class and one of its methods, in code type. */
  private static final Pattern CLASS = Pattern.compile("`([A-Z][A-Za-z]+)(?:\\.([a-z]\\w*))?`");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  private final JavaClasses classes = new ClassFileImporter().importPackages("io.leasehold");

  @Test
  void everyClassAndMethodThatTheDocumentsNameExists() throws IOException {
    Map<String, List<JavaClass>> byName =
        classes.stream().collect(Collectors.groupingBy(JavaClass::getSimpleName));
    Set<String> missing = new TreeSet<>();
    int named = 0;
    for (String document : List.of("architecture.md", "threads.md", "testing.md")) {
      Matcher matcher = CLASS.matcher(Files.readString(ROOT.resolve("docs").resolve(document)));
      while (matcher.find()) {
        named++;
        String method = matcher.group(2);
        boolean exists =
            byName.getOrDefault(matcher.group(1), List.of()).stream()
                .anyMatch(
                    type ->
                        method == null
                            || type.getAllMembers().stream()
                                .map(JavaMember::getName)
                                .anyMatch(method::equals));
        if (!exists) {
          missing.add(document + ": " + matcher.group());
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(named).isGreaterThan(40);
  }

  @Test
  void readmeListsEverySafetyRule() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    assertThat(IntStream.rangeClosed(1, 10).mapToObj(n -> "| S" + n + " |"))
        .allMatch(readme::contains);
  }

  @Test
  void everyLinkBetweenDocumentsLeadsSomewhere() throws IOException {
    Set<String> broken = new TreeSet<>();
    for (Path document : documents()) {
      Matcher matcher = LINK.matcher(Files.readString(document));
      while (matcher.find()) {
        if (!Files.exists(document.resolveSibling(matcher.group(1)))) {
          broken.add(ROOT.relativize(document) + " -> " + matcher.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> top = Files.list(ROOT)) {
      return Stream.concat(docs, top).filter(p -> p.toString().endsWith(".md")).toList();
    }
  }
}
