-- One prepared body for each request; prints what the benchmark reads.
local bodies = {}
for line in io.lines(os.getenv("INTAKE_BODIES")) do bodies[#bodies + 1] = line end
local at = 0
local headers = {
  ["Content-Type"] = "application/x-www-form-urlencoded",
  ["Origin"] = os.getenv("INTAKE_ORIGIN"),
}
request = function()
  at = at % #bodies + 1
  return wrk.format("POST", os.getenv("INTAKE_PATH"), headers, bodies[at])
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("\nRESULT %d %d %d %d\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status,
    latency:percentile(95)))
end
