package io.leasehold.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses product =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.client");

  @Test
  void onlyTheGrpcPackageKnowsOfGrpcAndTheWire() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.leasehold.client.internal.grpc..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "com.google..", "io.leasehold.api..")
        .because("what users see must not depend on the version of anything")
        .check(product);
  }

  @Test
  void keepingLeasesAliveIsPureState() {
    classes()
        .that()
        .resideInAPackage("io.leasehold.client.internal.keepalive..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.client",
            "io.leasehold.client.internal.keepalive..",
            "io.leasehold.client.internal.time..",
            "java..",
            "org.slf4j..",
            "org.jspecify..")
        .because("it is tested on virtual time")
        .check(product);
  }

  @Test
  void publicSignaturesNameTheJdkAndThisPackageAlone() {
    Set<String> foreign = new TreeSet<>();
    int checked = 0;
    for (JavaClass type : product) {
      if (!type.getPackageName().equals("io.leasehold.client")
          || !type.getModifiers().contains(JavaModifier.PUBLIC)
          // For those who have Micrometer.
          || type.getSimpleName().equals("LeaseClientMetrics")) {
        continue;
      }
      for (JavaCodeUnit unit : type.getCodeUnits()) {
        if (!unit.getModifiers().contains(JavaModifier.PUBLIC)
            && !unit.getModifiers().contains(JavaModifier.PROTECTED)) {
          continue;
        }
        checked++;
        Set<JavaClass> named = unit.getAllInvolvedRawTypes();
        for (JavaClass one : named) {
          String where = one.getBaseComponentType().getPackageName();
          if (!where.isEmpty()
              && !where.startsWith("java.")
              && !where.startsWith("javax.")
              && !where.equals("io.leasehold.client")) {
            foreign.add(unit.getFullName() + " names " + one.getName());
          }
        }
      }
    }
    assertThat(foreign).isEmpty();
    assertThat(checked).isGreaterThan(50);
  }
}
