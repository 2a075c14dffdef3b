{% autoescape off %}# Fetches these files into the directory "packages" and checks each by its SHA-256. Run it again for what is new.
# Another directory: $env:PACKAGES = 'D:\packages'. Throws at the end if a file is missing, so that "-File" ends with 1.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
$target = if ($env:PACKAGES) { $env:PACKAGES } else { 'packages' }
$failed = 0

function Test-Whole([string] $Path, [string] $Digest) {
  (Test-Path -LiteralPath $Path) -and ((Get-FileHash -Algorithm SHA256 -LiteralPath $Path).Hash -eq $Digest)
}

function Get-PackageFile([string] $Path, [string] $Digest, [long] $Size, [string] $Address) {
  $file = Join-Path $target $Path
  $part = "$file.part"
  if (Test-Whole $file $Digest) { "here     $Path"; return }
  New-Item -ItemType Directory -Force -Path (Split-Path $file) | Out-Null
  if ((Test-Path -LiteralPath $part) -and ((Get-Item -LiteralPath $part).Length -ge $Size)) { Remove-Item -LiteralPath $part }
  $more = @{}
  if ($PSVersionTable.PSVersion -ge [version] '6.1' -and (Test-Path -LiteralPath $part)) { $more['Resume'] = $true }
  try { Invoke-WebRequest -UseBasicParsing -Uri $Address -OutFile $part @more }
  catch { Write-Warning "FAILED   $Path $_"; $script:failed++; return }
  if (Test-Whole $part $Digest) { Move-Item -Force -LiteralPath $part -Destination $file; "fetched  $Path" }
  else { Remove-Item -LiteralPath $part; Write-Warning "DAMAGED  ${Path}: its SHA-256 is not the one of the list"; $script:failed++ }
}

{% for path, file, url in lines %}Get-PackageFile '{{ path }}' '{{ file.sha256 }}' {{ file.size }} '{{ url }}'
{% endfor %}if ($failed) { throw "$failed files could not be fetched." }
{% endautoescape %}
