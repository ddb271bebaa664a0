package io.leasehold.layers;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private static final String[] JRAFT = {"com.alipay.."};
  private static final String[] ROCKSDB = {"org.rocksdb.."};

  private final JavaClasses product =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold");

  @Test
  void coreKnowsTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage("io.leasehold.core..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.leasehold.core..", "java..", "org.jspecify..")
        .because(
            "the domain takes storage, time and the log as interfaces, so that it can be simulated")
        .check(product);
  }

  @Test
  void coreMeetsNoFileNoSocketAndNoThread() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.net..", "java.nio.channels..", "java.nio.file..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .because("whoever uses the domain decides on which thread, and with what, it runs")
        .check(product);
  }

  @Test
  void jraftStaysBehindThePort() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.leasehold.raft.jraft..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(JRAFT)
        .because("the Raft library reads clocks and owns threads as it likes, and may be replaced")
        .check(product);
  }

  @Test
  void rocksdbStaysWithTheStorage() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.leasehold.raft.storage..", "io.leasehold.raft.jraft..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROCKSDB)
        .because("only the state store, and the options of the Raft log, are about RocksDB")
        .check(product);
  }

  @Test
  void serverSeesTheEngineThroughItsPort() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.server..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "com.alipay..",
            "org.rocksdb..",
            "io.leasehold.raft.jraft..",
            "io.leasehold.raft.storage..")
        .because("Replica is all that services need to know of the engine")
        .check(product);
  }

  @Test
  void engineKnowsNeitherServerNorClients() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.raft..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.leasehold.server..", "io.leasehold.api..", "io.leasehold.launch..")
        .because("dependencies run one way: core, raft, server")
        .check(product);
  }

  @Test
  void contractsDependOnNobody() {
    noClasses()
        .that()
        .resideInAnyPackage("io.leasehold.api..", "io.leasehold.raft.proto..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.leasehold.core..", "io.leasehold.server..", "io.leasehold.launch..")
        .because("what is on the wire is a promise of its own")
        .check(product);
  }

  @Test
  void launcherKnowsOnlyTheClientContract() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.launch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.leasehold.core..", "io.leasehold.raft..", "io.leasehold.server..")
        .because("it proves the cluster as any client would")
        .check(product);
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    Set<String> undocumented = new TreeSet<>();
    product.stream()
        .map(type -> type.getPackage())
        .filter(p -> !p.getName().startsWith("io.leasehold.api"))
        .filter(p -> !p.getName().startsWith("io.leasehold.raft.proto"))
        .filter(p -> p.getClasses().stream().anyMatch(type -> !type.getSimpleName().isEmpty()))
        .filter(p -> p.tryGetPackageInfo().isEmpty())
        .forEach(p -> undocumented.add(p.getName()));
    assertThat(undocumented).as("packages without package-info").isEmpty();
  }
}
