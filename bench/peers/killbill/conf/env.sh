# Settings: the best found on 2 cores; each can be overridden from the environment
: "${DB_POOL:=70}" "${PAY_THREADS:=2}"
: "${NQ_MODE:=STICKY_POLLING}" "${NQ_SLEEP:=100}" "${NQ_CLAIMED:=20}" "${NQ_THREADS:=2}" "${NQ_CAP:=1000}"
: "${BUS_MODE:=STICKY_EVENTS}" "${BUS_CLAIMED:=100}" "${BUS_THREADS:=2}" "${BUS_SLEEP:=0}"
: "${LC_D:=1}" "${LC_C:=2}"
: "${JVM_HEAP:=-Xms1g -Xmx2g}" "${JVM_GC:=-XX:+UseParallelGC}"
: "${JDBC:=reWriteBatchedInserts=true&preparedStatementCacheQueries=1024&preparedStatementCacheSizeMiB=16&prepareThreshold=3}"
: "${PG_SYNC:=on}" "${KB_LOG:=WARN}" "${PG_EXTRA:=}"
: "${JAVA_HOME:=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}"
