# Finds a JDK. Sourced by leasehold, mvnw and .ci/run; POSIX sh.

JDK_FEATURE_MIN=17

# Prints the feature version (17, 25, ...) of the JDK in directory $1; fails when there is none.
jdk_feature() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  # The release file spares starting a JVM for each candidate.
  _version=$(sed -n 's/^JAVA_VERSION="\(.*\)".*/\1/p' "$1/release" 2>/dev/null)
  if [ -z "$_version" ]; then
    _version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)
  fi
  case $_version in
    1.*) _version=${_version#1.} ;;
  esac
  _version=${_version%%[!0-9]*}
  [ -n "$_version" ] && echo "$_version"
}

# Prints the home of the java on PATH.
jdk_on_path() {
  _java=$(command -v java 2>/dev/null) || return 1
  _real=$(readlink -f "$_java" 2>/dev/null) || _real=
  case $_real in
    */bin/java)
      # macOS keeps a stub in /usr/bin that is no symbolic link.
      [ "$_real" = /usr/bin/java ] || { echo "${_real%/bin/java}"; return 0; }
      ;;
  esac
  java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p' | head -n 1
}

# Prints the homes where a JDK may be, one a line.
jdk_candidates() {
  [ -z "${JAVA_HOME:-}" ] || echo "$JAVA_HOME"
  jdk_on_path || :
  for _home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ ! -d "$_home" ] || echo "$_home"
  done
  if [ -x /usr/libexec/java_home ]; then
    /usr/libexec/java_home 2>/dev/null || :
  fi
}

# Prints the home of the newest JDK found, when its feature version is at least $1 (default 17).
jdk_newest() {
  _least=${1:-$JDK_FEATURE_MIN}
  _best=
  _best_feature=0
  while IFS= read -r _candidate; do
    _feature=$(jdk_feature "$_candidate") || continue
    if [ "$_feature" -gt "$_best_feature" ]; then
      _best=$_candidate
      _best_feature=$_feature
    fi
  done <<LIST
$(jdk_candidates)
LIST
  [ "$_best_feature" -ge "$_least" ] && echo "$_best"
}

# Prints the home of the JDK that a user would expect: JAVA_HOME, else the one on PATH, when it is
# new enough; else the newest found.
jdk_default() {
  for _home in "${JAVA_HOME:-}" "$(jdk_on_path || :)"; do
    _feature=$(jdk_feature "$_home") || continue
    if [ "$_feature" -ge "$JDK_FEATURE_MIN" ]; then
      echo "$_home"
      return 0
    fi
  done
  jdk_newest
}

# Says in one line what was found instead of a JDK that is new enough.
jdk_complaint() {
  _found=$(jdk_candidates | while IFS= read -r _candidate; do
    if _feature=$(jdk_feature "$_candidate"); then
      printf ' JDK %s in %s;' "$_feature" "$_candidate"
    elif [ -x "$_candidate/bin/java" ]; then
      printf ' a Java without compiler in %s;' "$_candidate"
    fi
  done)
  echo "needs a JDK $JDK_FEATURE_MIN or newer; found${_found:- none}${_found:+ all too old or incomplete}. Install one and set JAVA_HOME to it."
}
