package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.LeaseClient;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The one jar that users depend on. */
final class ShadedJarIT {
  private static final String OURS = "io/leasehold/client/";
  private static Path jar;

  @BeforeAll
  static void find() throws URISyntaxException {
    jar = Path.of(LeaseClient.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    assertThat(jar).as("these tests run on the packaged jar").isRegularFile();
  }

  private static List<JarEntry> entries() throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream().filter(entry -> !entry.isDirectory()).toList();
    }
  }

  @Test
  void nothingLiesOutsideTheClientsOwnPackages() throws IOException {
    List<String> foreign =
        entries().stream()
            .map(JarEntry::getName)
            .filter(name -> !name.startsWith(OURS) && !name.startsWith("META-INF/"))
            .toList();
    assertThat(foreign).isEmpty();
    List<String> versioned =
        entries().stream()
            .map(JarEntry::getName)
            .filter(name -> name.startsWith("META-INF/versions/") && name.endsWith(".class"))
            .filter(name -> !name.contains("/" + OURS))
            .toList();
    assertThat(versioned).isEmpty();
    assertThat(entries()).hasSizeGreaterThan(1000);
  }

  @Test
  void servicesAreThoseOfTheMovedClasses() throws IOException {
    List<String> services =
        entries().stream()
            .map(JarEntry::getName)
            .filter(name -> name.startsWith("META-INF/services/"))
            .toList();
    assertThat(services)
        .isNotEmpty()
        .allMatch(name -> name.startsWith("META-INF/services/io.leasehold.client.shaded."));
  }

  @Test
  void noSignatureThatUsersSeeNamesAnythingButTheJdkAndTheClient() throws Exception {
    Set<String> foreign = new TreeSet<>();
    int seen = 0;
    for (JarEntry entry : entries()) {
      String name = entry.getName();
      if (!name.startsWith(OURS)
          || name.indexOf('/', OURS.length()) >= 0
          || !name.endsWith(".class")
          || name.endsWith("package-info.class")) {
        continue;
      }
      Class<?> type =
          Class.forName(
              name.substring(0, name.length() - ".class".length()).replace('/', '.'),
              false,
              LeaseClient.class.getClassLoader());
      // The binder is for those who have Micrometer, and names it.
      if (!java.lang.reflect.Modifier.isPublic(type.getModifiers())
          || type.getSimpleName().equals("LeaseClientMetrics")) {
        continue;
      }
      List<Class<?>> named = new ArrayList<>();
      for (Method method : type.getMethods()) {
        named.add(method.getReturnType());
        named.addAll(Arrays.asList(method.getParameterTypes()));
        named.addAll(Arrays.asList(method.getExceptionTypes()));
      }
      for (Constructor<?> constructor : type.getConstructors()) {
        named.addAll(Arrays.asList(constructor.getParameterTypes()));
      }
      seen++;
      for (Class<?> one : named) {
        Class<?> element = one;
        while (element.isArray()) {
          element = element.getComponentType();
        }
        boolean isKnown =
            element.isPrimitive()
                || element.getPackageName().startsWith("java")
                || element.getPackageName().equals("io.leasehold.client");
        if (!isKnown) {
          foreign.add(type.getSimpleName() + ": " + element.getName());
        }
      }
    }
    assertThat(foreign).isEmpty();
    assertThat(seen).isGreaterThan(30);
  }

  @Test
  void theLoggingApiIsTheOneDependencyThatUsersGet() throws IOException {
    Path pom =
        Path.of(System.getProperty("leasehold.root"))
            .resolve("lease-client/target/dependency-reduced-pom.xml");
    String text = Files.readString(pom, StandardCharsets.UTF_8);
    String dependencies =
        text.substring(text.indexOf("<dependencies>"), text.indexOf("</dependencies>"));
    List<String> seen = new ArrayList<>();
    for (String dependency : dependencies.split("</dependency>", -1)) {
      boolean isOfNoConcern =
          dependency.contains("<scope>test</scope>")
              || dependency.contains("<scope>provided</scope>")
              || dependency.contains("<optional>true</optional>");
      if (dependency.contains("<artifactId>") && !isOfNoConcern) {
        seen.add(
            dependency.substring(
                dependency.indexOf("<artifactId>") + "<artifactId>".length(),
                dependency.indexOf("</artifactId>")));
      }
    }
    assertThat(seen).containsExactly("slf4j-api");
  }
}
