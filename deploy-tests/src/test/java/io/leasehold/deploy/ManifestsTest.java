package io.leasehold.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The manifests against Kubernetes' own types, and against each other. */
final class ManifestsTest {
  private static final String FILE = "deploy/kubernetes/leasehold.yaml";

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "v1/Service", Service.class,
          "apps/v1/StatefulSet", StatefulSet.class,
          "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class);

  private final List<HasMetadata> manifests = parse(Repository.text(FILE));

  /** Fields that Kubernetes does not know are refused, as its own server side does on request. */
  private static final ObjectMapper STRICT =
      new YAMLMapper()
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              })
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static List<HasMetadata> parse(String text) {
    List<HasMetadata> manifests = new ArrayList<>();
    try (MappingIterator<JsonNode> documents =
        STRICT.readerFor(JsonNode.class).readValues(new YAMLFactory().createParser(text))) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        String kind = document.path("apiVersion").asText() + "/" + document.path("kind").asText();
        assertThat(KINDS).containsKey(kind);
        manifests.add(STRICT.treeToValue(document, KINDS.get(kind)));
      }
    } catch (IOException e) {
      throw new AssertionError(e.getMessage(), e);
    }
    return manifests;
  }

  private <T extends HasMetadata> List<T> all(Class<T> kind) {
    return manifests.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private StatefulSet members() {
    return all(StatefulSet.class).get(0);
  }

  private Container member() {
    return members().getSpec().getTemplate().getSpec().getContainers().get(0);
  }

  private String variable(String name) {
    return member().getEnv().stream()
        .filter(variable -> variable.getName().equals(name))
        .map(EnvVar::getValue)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void fieldThatKubernetesDoesNotKnowIsRefused() {
    assertThatThrownBy(() -> parse(Repository.text(FILE).replace("replicas:", "replica:")))
        .hasMessageContaining("replica")
        .hasCauseInstanceOf(JsonMappingException.class);
  }

  @Test
  void everySelectorMatchesTheMembers() {
    Map<String, String> labels = members().getSpec().getTemplate().getMetadata().getLabels();
    List<Map<String, String>> selectors = new ArrayList<>();
    all(Service.class).forEach(service -> selectors.add(service.getSpec().getSelector()));
    all(PodDisruptionBudget.class)
        .forEach(budget -> selectors.add(budget.getSpec().getSelector().getMatchLabels()));
    all(NetworkPolicy.class)
        .forEach(policy -> selectors.add(policy.getSpec().getPodSelector().getMatchLabels()));
    selectors.add(members().getSpec().getSelector().getMatchLabels());
    assertThat(selectors)
        .hasSize(5)
        .allSatisfy(
            selector ->
                assertThat(labels.entrySet()).containsAll(selector.entrySet()).isNotEmpty());
  }

  @Test
  void initialClusterNamesEveryMemberByTheNameThatTheHeadlessServiceGivesIt() {
    Service headless =
        all(Service.class).stream()
            .filter(service -> "None".equals(service.getSpec().getClusterIP()))
            .findFirst()
            .orElseThrow();
    String service = headless.getMetadata().getName();
    assertThat(members().getSpec().getServiceName()).isEqualTo(service);
    assertThat(headless.getSpec().getPublishNotReadyAddresses()).isTrue();

    String set = members().getMetadata().getName();
    assertThat(variable("LEASEHOLD_INITIAL_CLUSTER"))
        .isEqualTo(
            IntStream.range(0, members().getSpec().getReplicas())
                .mapToObj(n -> set + "-" + n)
                .map(name -> name + "=http://" + name + "." + service + ":2380")
                .collect(Collectors.joining(",")));
    assertThat(variable("LEASEHOLD_INITIAL_ADVERTISE_PEER_URLS"))
        .isEqualTo("http://$(POD_NAME)." + service + ":2380");
    // A variable of another's is seen only by those below it.
    assertThat(member().getEnv().get(0).getName()).isEqualTo("POD_NAME");
  }

  @Test
  void portsAreReferredToByNamesThatExist() {
    Set<String> names =
        member().getPorts().stream().map(ContainerPort::getName).collect(Collectors.toSet());
    Set<String> used = new HashSet<>();
    all(Service.class)
        .forEach(
            service ->
                service
                    .getSpec()
                    .getPorts()
                    .forEach(port -> used.add(port.getTargetPort().getStrVal())));
    all(NetworkPolicy.class)
        .forEach(
            policy ->
                policy
                    .getSpec()
                    .getIngress()
                    .forEach(
                        rule ->
                            rule.getPorts().forEach(port -> used.add(port.getPort().getStrVal()))));
    Stream.of(member().getStartupProbe(), member().getLivenessProbe(), member().getReadinessProbe())
        .map(Probe::getHttpGet)
        .forEach(get -> used.add(get.getPort().getStrVal()));
    assertThat(used).isEqualTo(names);
  }

  @Test
  void membersStartTogetherAndGoOneAtATime() {
    assertThat(members().getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
    assertThat(members().getSpec().getUpdateStrategy().getType()).isEqualTo("RollingUpdate");
    assertThat(all(PodDisruptionBudget.class).get(0).getSpec().getMaxUnavailable().getIntVal())
        .isEqualTo(1);
    // Main allows itself 15 s.
    assertThat(members().getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
        .isGreaterThan(15);
  }

  @Test
  void servicesDoNotBecomeSettings() {
    assertThat(members().getSpec().getTemplate().getSpec().getEnableServiceLinks()).isFalse();
  }

  @Test
  void whatIsMountedExistsAndIsAllThatCanBeWritten() {
    Set<String> volumes = new HashSet<>();
    members()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getVolumes()
        .forEach(volume -> volumes.add(volume.getName()));
    members()
        .getSpec()
        .getVolumeClaimTemplates()
        .forEach(claim -> volumes.add(claim.getMetadata().getName()));
    assertThat(member().getVolumeMounts().stream().map(VolumeMount::getName))
        .containsExactlyInAnyOrderElementsOf(volumes);
    assertThat(member().getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(members().getSpec().getTemplate().getSpec().getSecurityContext().getRunAsNonRoot())
        .isTrue();
  }

  @Test
  void onlyReadinessDependsOnTheOthers() {
    assertThat(member().getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
    assertThat(member().getStartupProbe().getHttpGet().getPath()).isEqualTo("/livez");
    assertThat(member().getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
  }
}
