package io.leasehold.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.server");

  @Test
  void routingKnowsNeitherTheClientPortNorTheNetwork() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.server.route..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.server.grpc..",
            "io.leasehold.server.forward..",
            "io.leasehold.server.metrics..",
            "io.grpc..")
        .because("who answers a client, and how, is not the router's business")
        .check(classes);
  }

  @Test
  void onlyTheStarterNamesTheRealEngine() {
    noClasses()
        .that()
        .doNotHaveSimpleName("RaftEngineStarter")
        .and()
        .doNotHaveSimpleName("RaftEngine")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.leasehold.raft.RaftMember")
        .because("everything above the engine runs on fake replicas in tests")
        .check(classes);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.alipay..", "org.rocksdb..", "io.leasehold.raft.jraft..")
        .because("the engine's libraries stay in lease-raft")
        .check(classes);
  }

  @Test
  void settingsDependOnNothingThatRuns() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.server.config..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.server.grpc..",
            "io.leasehold.server.route..",
            "io.leasehold.server.forward..",
            "io.leasehold.raft..")
        .because("settings are read before anything is started")
        .check(classes);
  }
}
